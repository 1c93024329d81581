"""Where a status was reached (LOC: 3227 what, C517 the place, C519 within what)."""

import re
from collections.abc import Iterable

from projections.sources.codes import zones
from projections.sources.codes.edifact import ARRIVAL_PLACES, DEPARTURE_PLACES, DEPARTURES
from projections.sources.edifact.segments import Segment
from projections.sources.edifact.structure import Status
from projections.values import Place

_COUNTRY = re.compile(r"[A-Z]{2}")
_LOCODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_CODE = re.compile(r"[A-Za-z0-9_.:/\-]{1,64}")
_UNECE = "6"


def location(status: Status) -> Segment | None:
    """The LOC that says where: the status' own, else its leg's end that fits, else the consignment's only one."""
    own = next(iter(status.own.all("LOC")), None)
    if own is not None:
        return own
    ends = DEPARTURE_PLACES if status.lead.get(2) in DEPARTURES else ARRIVAL_PLACES
    return _of_qualifiers((loc for leg in status.legs for loc in leg.all("LOC")), ends) or _only(status)


def _of_qualifiers(locations: Iterable[Segment], qualifiers: tuple[str, ...]) -> Segment | None:
    ranked = [loc for loc in locations if loc.get(1) in qualifiers]
    return min(ranked, key=lambda loc: qualifiers.index(loc.get(1)), default=None)


def _only(status: Status) -> Segment | None:
    groups = [group for group in (status.consignment, status.stand_alone) if group is not None]
    found = [loc for group in groups for loc in group.all("LOC")]
    return found[0] if len(found) == 1 else None


def place(loc: Segment | None) -> Place | None:
    """The place in our words; None when the LOC names none. A UN/LOCODE (section 2.1) begins with its country."""
    if loc is None:
        return None
    code, name = loc.get(2), loc.get(2, 3)[:500]
    is_locode = bool(_LOCODE.fullmatch(code)) and loc.get(2, 2) in ("", _UNECE)
    within = next((text for text in (loc.get(3), loc.get(3, 3)) if _COUNTRY.fullmatch(text)), None)
    country = within or (code[:2] if is_locode else None)
    found = Place(name=name or None, country=country, code=code if _CODE.fullmatch(code) else None)
    return None if found == Place() else found


def zone_of(where: Place | None) -> str | None:
    """The IANA zone of a place, where what is known of it names one only."""
    return zones.zone_of(where.country, None, where.name) if where and where.country else None
