"""The hierarchy of a ship notice: HL loops, each below its parent, with what their segments say."""

from collections.abc import Iterator

import msgspec

from projections.event import RejectionReason
from projections.sources.codes.x12 import SELLER_ORDER_QUALIFIERS
from projections.sources.codes.x12_freight import KILOGRAMS
from projections.sources.x12.reading import UnreadableError, at, decimal
from projections.sources.x12.syntax import Segment

SHIPMENT, ORDER, TARE, PACK, ITEM = "S", "O", "T", "P", "I"
# The standard's structures (element 1005) have six levels at most; beyond this it is no shipment.
MAX_DEPTH = 50
PACKAGES = frozenset({TARE, PACK})
_GROSS = frozenset({"", "A3", "AC", "G", "GW", "WT", "N", "FR"})


class Level(msgspec.Struct, eq=False):
    """One HL loop. `parent` is None at the top, whose depth is 1."""

    number: str
    code: str
    parent: "Level | None"
    depth: int
    segments: list[Segment]

    def up(self) -> Iterator["Level"]:
        """This level and those above it, nearest first."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    def first(self, tag: str) -> Segment:
        return next((segment for segment in self.segments if segment[0] == tag), [tag])


def levels_of(segments: list[Segment]) -> list[Level]:
    """All HL loops in order. A parent stands before its children (X12 HL-02), so the tree has no cycles."""
    found: list[Level] = []
    by_number: dict[str, Level] = {}
    for position, segment in enumerate(segments, start=1):
        if segment[0] == "HL":
            found.append(_level(segment, position, by_number))
            by_number[found[-1].number] = found[-1]
        elif found and segment[0] not in {"CTT", "SE"}:
            found[-1].segments.append(segment)
    return found


def _level(segment: Segment, position: int, by_number: dict[str, Level]) -> Level:
    number, above = at(segment, 1), at(segment, 2)
    parent = by_number.get(above)
    if above and parent is None:
        detail = f"HL {number or '?'} at segment {position} is below HL {above}, which does not come before it"
        raise UnreadableError(detail, RejectionReason.MALFORMED)
    depth = parent.depth + 1 if parent else 1
    if depth > MAX_DEPTH:
        raise UnreadableError(f"HL {number} is more than {MAX_DEPTH} levels deep", RejectionReason.MALFORMED)
    return Level(number, at(segment, 3).upper(), parent, depth, [])


def order_number(level: Level) -> str | None:
    """The order a level is of: the seller's own number where given (REF), else the number it was ordered by (PRF-01)."""
    above = next((one for one in level.up() if one.code == ORDER), None)
    if above is None:
        return None
    given = {at(segment, 1): at(segment, 2) for segment in above.segments if segment[0] == "REF"}
    sellers = next((given[qualifier] for qualifier in SELLER_ORDER_QUALIFIERS if given.get(qualifier)), None)
    return sellers or at(above.first("PRF"), 1) or None


def weight_kg(level: Level) -> float | None:
    """The gross weight a level states: TD1, MEA or PO4; None when it states none in a unit of weight."""
    total = 0.0
    for segment in level.segments:
        match segment[0]:
            case "TD1" if at(segment, 6) in _GROSS:
                total += _kilograms(at(segment, 7), at(segment, 8))
            case "MEA" if at(segment, 2) in _GROSS:
                total = total or _kilograms(at(segment, 3), at(segment, 4)[:2])
            case "PO4" if level.code in PACKAGES:
                total = total or _kilograms(at(segment, 6), at(segment, 7))
    return round(total, 3) or None


def _kilograms(text: str, unit: str) -> float:
    number = decimal(text)
    return max(float(number), 0.0) * KILOGRAMS.get(unit.upper(), 0.0) if number is not None else 0.0
