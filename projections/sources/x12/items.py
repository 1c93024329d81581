"""The items of a ship notice: which lines of which orders, how many, in which package."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from projections.sources.x12.levels import ITEM, PACKAGES, Level, order_number
from projections.sources.x12.reading import at, whole_number
from projections.values import ShipmentLine

_PURCHASERS_LINE = "PL"
_MAX_LINE, _MAX_QUANTITY, _MAX_ORDER = 100_000, 1_000_000_000, 80


class Items(msgspec.Struct, frozen=True):
    """Lines of the whole shipment, those of each package by its HL number, and items that are no line, in words.

    Where there are such, the lines are not all that was shipped, and must not be shown as if they were.
    """

    shipped: tuple[ShipmentLine, ...]
    packed: dict[str, tuple[ShipmentLine, ...]]
    problems: tuple[str, ...]


def items_of(levels: list[Level]) -> Items:
    shipped: Counter[tuple[str, int]] = Counter()
    packed: dict[str, Counter[tuple[str, int]]] = {}
    problems: list[str] = []
    packs = _packs_below_items(levels)
    for level in levels:
        if level.code != ITEM or _within_item(level):
            continue
        line, quantity = _line(level), _quantity(level)
        if line is None or quantity is None:
            problems.append(_problem(level, quantity))
            continue
        shipped[line] += quantity
        for package, count in _in_packages(level, packs.get(level.number, []), quantity):
            packed.setdefault(package, Counter())[line] += count
    return Items(_lines(shipped), {package: _lines(lines) for package, lines in packed.items()}, tuple(problems))


def _in_packages(item: Level, below: list[Level], quantity: int) -> Iterable[tuple[str, int]]:
    """Where an item is: the package above it, or those below it, as far as each says how many are in it."""
    above = next((level for level in item.up() if level.code in PACKAGES), None)
    if above is not None:
        return [(above.number, quantity)]
    if len(below) == 1:
        return [(below[0].number, quantity)]
    return [(pack.number, count) for pack in below if (count := _quantity(pack)) is not None]


def _packs_below_items(levels: list[Level]) -> dict[str, list[Level]]:
    found: dict[str, list[Level]] = {}
    for level in levels:
        if level.code in PACKAGES and level.parent is not None and level.parent.code == ITEM:
            found.setdefault(level.parent.number, []).append(level)
    return found


def _within_item(level: Level) -> bool:
    """Components of an item are not lines of the order."""
    return level.parent is not None and any(one.code == ITEM for one in level.parent.up())


def _line(item: Level) -> tuple[str, int] | None:
    """The order and the line: the purchaser's line number (LIN, qualifier PL), else LIN-01, else SN1-01."""
    order, identification = order_number(item), item.first("LIN")
    pairs = {at(identification, position): at(identification, position + 1) for position in range(2, 31, 2)}
    for text in (pairs.get(_PURCHASERS_LINE, ""), at(identification, 1), at(item.first("SN1"), 1)):
        number = whole_number(text)
        if order and len(order) <= _MAX_ORDER and number is not None and 1 <= number <= _MAX_LINE:
            return order, number
    return None


def _quantity(level: Level) -> int | None:
    """SN1-02, in the unit the line was ordered in."""
    number = whole_number(at(level.first("SN1"), 2))
    return number if number is not None and 0 <= number <= _MAX_QUANTITY else None


def _problem(level: Level, quantity: int | None) -> str:
    lack = "no whole quantity (SN1-02)" if quantity is None else "no order (PRF-01) or no line number (LIN-01)"
    return f"item HL {level.number} has {lack}"


def _lines(counted: Counter[tuple[str, int]]) -> tuple[ShipmentLine, ...]:
    return tuple(ShipmentLine(order, line, quantity) for (order, line), quantity in counted.items())
