"""The cities of the simulated network: where goods start, change hands and arrive."""

from datetime import timedelta, timezone
from math import asin, cos, radians, sin, sqrt
from typing import Literal

import msgspec

from projections.values import Place

Continent = Literal["europe", "america", "asia"]

EARTH_DIAMETER_KM = 12_742.0
# Roads wind: driven kilometres against the great circle.
ROAD_DETOUR = 1.25


class City(msgspec.Struct, frozen=True):
    """A city with its UN/LOCODE. `zone` is its standard time all year: good enough for a clock on the wall."""

    name: str
    country: str
    region: str
    postal_code: str
    code: str
    latitude: float
    longitude: float
    zone: timezone
    continent: Continent

    def place(self, name: str | None = None) -> Place:
        return Place(name, self.name, self.region, self.country, self.postal_code, self.code)


def distance_km(a: City, b: City) -> float:
    """Kilometres by road between two cities, estimated from the great circle (haversine)."""
    south, north = radians(a.latitude), radians(b.latitude)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return EARTH_DIAMETER_KM * asin(sqrt(half)) * ROAD_DETOUR


_ROWS: tuple[tuple[str, str, str, str, str, float, float, int], ...] = (
    ("Hamburg", "DE", "Hamburg", "20457", "DEHAM", 53.55, 9.99, 1),
    ("Bremen", "DE", "Bremen", "28217", "DEBRE", 53.08, 8.80, 1),
    ("Hannover", "DE", "Niedersachsen", "30419", "DEHAJ", 52.37, 9.73, 1),
    ("Kiel", "DE", "Schleswig-Holstein", "24143", "DEKEL", 54.32, 10.14, 1),
    ("Rostock", "DE", "Mecklenburg-Vorpommern", "18147", "DERSK", 54.09, 12.10, 1),
    ("Berlin", "DE", "Berlin", "12099", "DEBER", 52.52, 13.40, 1),
    ("Leipzig", "DE", "Sachsen", "04356", "DELEJ", 51.34, 12.37, 1),
    ("Kassel", "DE", "Hessen", "34123", "DEKSF", 51.31, 9.48, 1),
    ("Dortmund", "DE", "Nordrhein-Westfalen", "44147", "DEDTM", 51.51, 7.47, 1),
    ("Nürnberg", "DE", "Bayern", "90431", "DENUE", 49.45, 11.08, 1),
    ("Stuttgart", "DE", "Baden-Württemberg", "70327", "DESTR", 48.78, 9.18, 1),
    ("München", "DE", "Bayern", "80939", "DEMUC", 48.14, 11.58, 1),
    ("Innsbruck", "AT", "Tirol", "6020", "ATINN", 47.27, 11.39, 1),
    ("Salzburg", "AT", "Salzburg", "5020", "ATSZG", 47.81, 13.05, 1),
    ("Graz", "AT", "Steiermark", "8020", "ATGRZ", 47.07, 15.44, 1),
    ("Linz", "AT", "Oberösterreich", "4020", "ATLNZ", 48.31, 14.29, 1),
    ("Wien", "AT", "Wien", "1230", "ATVIE", 48.21, 16.37, 1),
    ("Zürich", "CH", "Zürich", "8048", "CHZRH", 47.38, 8.54, 1),
    ("Basel", "CH", "Basel-Stadt", "4057", "CHBSL", 47.56, 7.59, 1),
    ("Paris", "FR", "Île-de-France", "75018", "FRPAR", 48.86, 2.35, 1),
    ("Lille", "FR", "Hauts-de-France", "59000", "FRLLE", 50.63, 3.06, 1),
    ("Lyon", "FR", "Auvergne-Rhône-Alpes", "69007", "FRLIO", 45.76, 4.84, 1),
    ("Marseille", "FR", "Provence-Alpes-Côte d'Azur", "13015", "FRMRS", 43.30, 5.37, 1),
    ("Rotterdam", "NL", "Zuid-Holland", "3198", "NLRTM", 51.92, 4.48, 1),
    ("Utrecht", "NL", "Utrecht", "3542", "NLUTC", 52.09, 5.12, 1),
    ("Eindhoven", "NL", "Noord-Brabant", "5651", "NLEIN", 51.44, 5.47, 1),
    ("Antwerpen", "BE", "Antwerpen", "2030", "BEANR", 51.22, 4.40, 1),
    ("Madrid", "ES", "Madrid", "28021", "ESMAD", 40.42, -3.70, 1),
    ("Barcelona", "ES", "Catalunya", "08040", "ESBCN", 41.39, 2.17, 1),
    ("Valencia", "ES", "Comunitat Valenciana", "46024", "ESVLC", 39.47, -0.38, 1),
    ("Milano", "IT", "Lombardia", "20138", "ITMIL", 45.46, 9.19, 1),
    ("Torino", "IT", "Piemonte", "10156", "ITTRN", 45.07, 7.69, 1),
    ("Bologna", "IT", "Emilia-Romagna", "40127", "ITBLQ", 44.49, 11.34, 1),
    ("København", "DK", "Hovedstaden", "2450", "DKCPH", 55.68, 12.57, 1),
    ("Göteborg", "SE", "Västra Götaland", "41834", "SEGOT", 57.71, 11.97, 1),
    ("Stockholm", "SE", "Stockholm", "12030", "SESTO", 59.33, 18.07, 1),
    ("Warszawa", "PL", "Mazowieckie", "03-236", "PLWAW", 52.23, 21.01, 1),
    ("Poznań", "PL", "Wielkopolskie", "61-371", "PLPOZ", 52.41, 16.93, 1),
    ("Gdańsk", "PL", "Pomorskie", "80-557", "PLGDN", 54.35, 18.65, 1),
    ("Praha", "CZ", "Praha", "108 00", "CZPRG", 50.08, 14.44, 1),
    ("London", "GB", "England", "E16 2EZ", "GBLON", 51.51, -0.13, 0),
    ("Birmingham", "GB", "England", "B24 9QR", "GBBHM", 52.48, -1.90, 0),
    ("Manchester", "GB", "England", "M17 1PA", "GBMNC", 53.48, -2.24, 0),
    ("Glasgow", "GB", "Scotland", "G51 4BX", "GBGLW", 55.86, -4.25, 0),
    ("Chicago", "US", "IL", "60638", "USCHI", 41.88, -87.63, -6),
    ("Atlanta", "US", "GA", "30336", "USATL", 33.75, -84.39, -5),
    ("Dallas", "US", "TX", "75247", "USDAL", 32.78, -96.80, -6),
    ("Houston", "US", "TX", "77029", "USHOU", 29.76, -95.37, -6),
    ("Denver", "US", "CO", "80216", "USDEN", 39.74, -104.99, -7),
    ("Phoenix", "US", "AZ", "85043", "USPHX", 33.45, -112.07, -7),
    ("Los Angeles", "US", "CA", "90058", "USLAX", 34.05, -118.24, -8),
    ("Seattle", "US", "WA", "98108", "USSEA", 47.61, -122.33, -8),
    ("Minneapolis", "US", "MN", "55418", "USMSP", 44.98, -93.27, -6),
    ("Kansas City", "US", "MO", "64120", "USMKC", 39.10, -94.58, -6),
    ("St. Louis", "US", "MO", "63147", "USSTL", 38.63, -90.20, -6),
    ("Memphis", "US", "TN", "38118", "USMEM", 35.15, -90.05, -6),
    ("Columbus", "US", "OH", "43228", "USCMH", 39.96, -83.00, -5),
    ("Charlotte", "US", "NC", "28208", "USCLT", 35.23, -80.84, -5),
    ("New York", "US", "NY", "11232", "USNYC", 40.71, -74.01, -5),
    ("Ningbo", "CN", "Zhejiang", "315803", "CNNGB", 29.87, 121.55, 8),
    ("Shanghai", "CN", "Shanghai", "201306", "CNSHA", 31.23, 121.47, 8),
)


def _continent(country: str) -> Continent:
    return {"US": "america", "CN": "asia"}.get(country, "europe")  # type: ignore[return-value]  # a closed dict of Continent


def _city(row: tuple[str, str, str, str, str, float, float, int]) -> City:
    *names, latitude, longitude, offset = row
    name, country, region, postal_code, code = names
    zone = timezone(timedelta(hours=offset))
    return City(name, country, region, postal_code, code, latitude, longitude, zone, _continent(country))


CITIES: dict[str, City] = {row[0]: _city(row) for row in _ROWS}

# Where carriers sort and reload.
HUBS: tuple[City, ...] = tuple(
    CITIES[name]
    for name in (
        *(
            "Kassel",
            "Hannover",
            "Leipzig",
            "Nürnberg",
            "Lyon",
            "Lille",
            "Utrecht",
            "Milano",
            "Poznań",
            "Birmingham",
            "Madrid",
        ),
        *("København", "Wien", "Columbus", "Memphis", "Kansas City", "Dallas", "Los Angeles"),
    )
)
PORTS: dict[Continent, tuple[City, ...]] = {
    "europe": (CITIES["Hamburg"], CITIES["Rotterdam"], CITIES["Antwerpen"]),
    "america": (CITIES["Los Angeles"], CITIES["New York"], CITIES["Houston"]),
    "asia": (CITIES["Ningbo"], CITIES["Shanghai"]),
}
AIRPORTS: dict[Continent, tuple[City, ...]] = {
    "europe": (CITIES["Leipzig"], CITIES["Lyon"], CITIES["London"], CITIES["Madrid"]),
    "america": (CITIES["Memphis"], CITIES["Chicago"], CITIES["Los Angeles"], CITIES["New York"]),
    "asia": (CITIES["Shanghai"],),
}


def nearest(city: City, among: tuple[City, ...]) -> City:
    return min(among, key=lambda other: distance_km(city, other))
