"""The carriers of the simulated network. All invented: nobody's service is spoken ill of."""

from datetime import tzinfo
from typing import Literal

import msgspec

from app.simulator.places import CITIES, Continent
from projections.values import Carrier

Mode = Literal["road", "parcel", "ocean", "air", "rail"]


class Haulier(msgspec.Struct, frozen=True):
    """A carrier: its code, how it moves goods, where, and how fast (door to door, terminals not counted)."""

    scac: str
    name: str
    mode: Mode
    continents: frozenset[Continent]
    speed_kmh: float
    service: str
    home: str

    @property
    def source(self) -> str:
        return f"/carrier/{self.scac.lower()}"

    @property
    def zone(self) -> tzinfo:
        """Carriers report in their own local time, with its offset."""
        return CITIES[self.home].zone

    @property
    def value(self) -> Carrier:
        return Carrier(self.scac, self.name)


_EUROPE = frozenset[Continent]({"europe"})
_AMERICA = frozenset[Continent]({"america"})
_WORLD = frozenset[Continent]({"europe", "america", "asia"})

HAULIERS: tuple[Haulier, ...] = (
    Haulier("RHNK", "Rhenania Kraftverkehr", "road", _EUROPE, 62, "Groupage 24/48", "Dortmund"),
    Haulier("ALPX", "Alpex Spedition", "road", _EUROPE, 58, "Part load", "Innsbruck"),
    Haulier("NDVK", "Nordvik Transport", "road", _EUROPE, 64, "System groupage", "Göteborg"),
    Haulier("TRVL", "Transvallée", "road", _EUROPE, 60, "Messagerie palette", "Lyon"),
    Haulier("PKEU", "Paketring Europa", "parcel", _EUROPE, 66, "Parcel Standard", "Hannover"),
    Haulier("VELO", "Velox Parcel", "parcel", _EUROPE, 74, "Parcel Express 12:00", "Utrecht"),
    Haulier("HNSR", "Hansa Rail Cargo", "rail", _EUROPE, 48, "Combined transport", "Hamburg"),
    Haulier("GRVF", "Great Rivers Freight", "road", _AMERICA, 68, "LTL Standard", "St. Louis"),
    Haulier("PDMT", "Piedmont Motor Lines", "road", _AMERICA, 66, "LTL Guaranteed 5 pm", "Charlotte"),
    Haulier("LSTR", "Lone Star Haulage", "road", _AMERICA, 70, "Truckload", "Dallas"),
    Haulier("SWPX", "Switchback Parcel", "parcel", _AMERICA, 72, "Ground", "Denver"),
    Haulier("OCNA", "Oceana Container Line", "ocean", _WORLD, 32, "FCL port to door", "Rotterdam"),
    Haulier("BLSK", "Blue Skerry Shipping", "ocean", _WORLD, 30, "FCL port to door", "København"),
    Haulier("AQLA", "Aquila Air Cargo", "air", _WORLD, 780, "Air Express", "Leipzig"),
)
