"""The simulated world: who buys, where goods lie and who moves them. Made from a seed alone."""

from random import Random

import msgspec

from app.simulator.carriers import HAULIERS, Haulier, Mode
from app.simulator.places import CITIES, HUBS, City, Continent, nearest
from projections.values import Place

ERP, TMS, CRM = "/erp/main", "/tms/main", "/crm/main"


class Site(msgspec.Struct, frozen=True):
    """Where a customer takes delivery."""

    city: City
    place: Place
    hub: City


class Warehouse(msgspec.Struct, frozen=True):
    """Where goods ship from; `source` is the system that speaks for it, a WMS or a 3PL's."""

    code: str
    city: City
    place: Place
    source: str
    hub: City

    @property
    def third_party(self) -> bool:
        return self.source.startswith("/3pl/")


class Tenant(msgspec.Struct, frozen=True):
    """A customer of ours: a distributor with several branches."""

    slug: str
    name: str
    currency: str
    continent: Continent
    sites: tuple[Site, ...]
    buyers: tuple[str, ...]


class Network(msgspec.Struct, frozen=True):
    """All there is. The first three tenants are the same for every seed."""

    tenants: tuple[Tenant, ...]
    warehouses: dict[Continent, tuple[Warehouse, ...]]
    plant: Warehouse

    def hauliers(self, mode: Mode, continent: Continent) -> tuple[Haulier, ...]:
        return tuple(one for one in HAULIERS if one.mode == mode and continent in one.continents)

    @property
    def sources(self) -> tuple[str, ...]:
        warehouses = [one.source for group in self.warehouses.values() for one in group]
        return (ERP, TMS, CRM, *warehouses, self.plant.source, *(one.source for one in HAULIERS))


_TENANTS: tuple[tuple[str, str, str, str], ...] = (
    ("nordwind", "Nordwind Baustoffhandel", "EUR", "Hamburg|Bremen|Kiel|Rostock|Hannover|Berlin|Leipzig"),
    ("alpina", "Alpina Beschläge", "EUR", "Innsbruck|Salzburg|München|Zürich|Linz|Graz|Nürnberg|Berlin"),
    ("meridian", "Meridian Industrial Supply", "USD", "Denver|Kansas City|Dallas|Phoenix|Minneapolis|Seattle"),
    ("castellan", "Castellan Builders Merchants", "GBP", "London|Birmingham|Manchester|Glasgow"),
    ("bluegrass", "Bluegrass Fastener & Tool", "USD", "Memphis|Columbus|Charlotte|St. Louis|Kansas City|Dallas"),
    ("polaris", "Polaris Bygg", "EUR", "København|Göteborg|Stockholm|Hamburg|Rostock"),
    ("lumiere", "Lumière Quincaillerie", "EUR", "Paris|Lille|Lyon|Marseille|Basel"),
    ("tulipa", "Tulipa Bouwmaterialen", "EUR", "Utrecht|Eindhoven|Antwerpen|Rotterdam|Dortmund"),
    ("iberica", "Ibérica de Ferretería", "EUR", "Madrid|Barcelona|Valencia|Marseille"),
    ("vistula", "Vistula Hurt", "EUR", "Warszawa|Poznań|Gdańsk|Praha|Berlin"),
    ("padana", "Padana Ferramenta", "EUR", "Milano|Torino|Bologna|Lyon"),
    ("gulfline", "Gulf Line Contractors Supply", "USD", "Houston|Dallas|Los Angeles|New York|Phoenix"),
)
_KINDS = ("branch", "depot", "distribution centre", "trade counter", "central store")
_STREETS = ("goods in, gate 2", "dock 4", "rear yard", "dock 11", "hall C")
_BUYERS = ("purchasing", "einkauf", "orders", "logistics", "warehouse")


def network(seed: int, tenants: int) -> Network:
    """The world of a seed with so many tenants (1 to 500)."""
    random = Random(f"{seed}:network")
    return Network(
        tuple(_tenant(random, number) for number in range(tenants)),
        {
            "europe": (_warehouse("KAS", "Kassel"), _warehouse("RTM", "Rotterdam"), _warehouse("LIN", "Linz", "3pl")),
            "america": (_warehouse("CHI", "Chicago"), _warehouse("ATL", "Atlanta", "3pl")),
        },
        _warehouse("NGB", "Ningbo"),
    )


def _tenant(random: Random, number: int) -> Tenant:
    row, generation = number % len(_TENANTS), number // len(_TENANTS)
    slug, name, currency, homes = _TENANTS[row]
    if generation:
        slug, name = f"{slug}-{generation + 1}", f"{name} {generation + 1}"
    cities = [CITIES[home] for home in homes.split("|")]
    sites = tuple(_site(random, name.split()[0], city) for city in cities)
    buyers = tuple(f"{buyer}@{slug}.example" for buyer in random.sample(_BUYERS, 2))
    return Tenant(slug, name, currency, cities[0].continent, sites, buyers)


def _site(random: Random, brand: str, city: City) -> Site:
    place = city.place(f"{brand} {city.name} {random.choice(_KINDS)}, {random.choice(_STREETS)}")
    return Site(city, place, nearest(city, HUBS))


def _warehouse(code: str, name: str, role: str = "wms") -> Warehouse:
    city = CITIES[name]
    return Warehouse(code, city, city.place(f"{name} warehouse"), f"/{role}/{name.lower()}", nearest(city, HUBS))
