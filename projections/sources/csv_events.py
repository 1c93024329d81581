"""What one row of a CSV upload says in our words."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from projections.event import RejectionReason
from projections.events import (
    EtaChanged,
    EventData,
    ExceptionRaised,
    PackagePacked,
    ShipmentMilestone,
    ShipmentShipped,
)
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source, TzSource
from projections.sources.canonical import Statement
from projections.sources.codes.csv_columns import CARRIERS_OWN, KINDS, REFERENCES, WAREHOUSE_REFERENCES
from projections.statuses import EXCEPTIONS, MILESTONES
from projections.values import Place, ShipmentLine

_DECIMAL = re.compile(r"[0-9]{1,9}([.,][0-9]{0,6})?")
_LINE = re.compile(r"(.+):\s*([0-9]{1,6})\s*:\s*([0-9]{1,10})")


class RowProblem(Exception):  # noqa: N818 -- names the finding, which is an answer and no failure of ours
    """A row that cannot be taken: why, and in words which field."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Times(Protocol):
    """How a row's times are read. Raises RowProblem."""

    def occurred(self) -> tuple[datetime, TzSource | None]: ...
    def placed(self, column: str, text: str) -> tuple[datetime, TzSource | None]: ...


class Cells(msgspec.Struct, frozen=True):
    """The fields of a row by our column names, without the empty ones."""

    given: Mapping[str, str]
    times: Times

    def text(self, column: str) -> str | None:
        return self.given.get(column)

    def needed(self, column: str) -> str:
        if column not in self.given:
            raise RowProblem(RejectionReason.INVALID, f"{column} is empty")
        return self.given[column]

    def whole(self, column: str) -> int | None:
        text = self.given.get(column)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > len("1000000000"):
            raise RowProblem(RejectionReason.INVALID, f"{column}: {text} is not a whole number")
        return int(text)

    def decimal(self, column: str) -> float | None:
        text = self.given.get(column)
        if text is None:
            return None
        # 12,5 is a decimal comma; 1,234.5 could be read two ways and is not read.
        if not _DECIMAL.fullmatch(text):
            raise RowProblem(RejectionReason.INVALID, f"{column}: {text} is not a number")
        return float(text.replace(",", "."))


def statement(cells: Cells, source: Source) -> Statement:
    """What a row says. Raises RowProblem."""
    kind = _kind(cells.text("event") or "milestone")
    at, tz_source = cells.times.occurred()
    about = _about(cells, source, WAREHOUSE_REFERENCES if kind in ("packed", "shipped") else REFERENCES)
    data = _MAKERS[kind](cells, about, tz_source)
    return Statement(data, at, _tenant(cells, source), cells.text("id") or "")


def _kind(text: str) -> str:
    plain = text.lower().replace("_", " ").strip()
    for kind, names in KINDS.items():
        if plain == kind or plain in names:
            return kind
    raise RowProblem(RejectionReason.UNKNOWN_TYPE, f"event: {text} is none of {', '.join(KINDS)}")


def _tenant(cells: Cells, source: Source) -> str | None:
    """Whose row it is. A source declared for one customer does not speak for another."""
    tenant = cells.text("tenant")
    if source.tenant is not None and tenant not in (None, source.tenant):
        raise RowProblem(RejectionReason.WRONG_REFERENCE, f"tenant: this source does not speak for {tenant}")
    return source.tenant or tenant


def _about(cells: Cells, source: Source, preferred: tuple[str, ...]) -> Reference:
    carrier = cells.text("carrier") or source.carrier
    tenant = _tenant(cells, source)
    lacking = []
    for column in preferred:
        value = cells.text(column)
        if value is None:
            continue
        if column in CARRIERS_OWN and carrier is None:
            lacking.append(f"{column} needs a carrier")
        elif column.endswith("_shipment") and tenant is None:
            lacking.append(f"{column} needs a tenant")
        else:
            return Reference(ReferenceType(column), value, carrier if column in CARRIERS_OWN else None)
    detail = "; ".join(lacking) or f"none of {', '.join(preferred)} is given"
    raise RowProblem(RejectionReason.WRONG_REFERENCE, detail)


def _place(cells: Cells) -> Place | None:
    place = Place(
        name=cells.text("place"),
        city=cells.text("city"),
        region=cells.text("region"),
        country=(cells.text("country") or "").upper() or None,
        postal_code=cells.text("postal_code"),
        code=cells.text("place_code"),
    )
    return None if place == Place() else place


def _milestone(cells: Cells, about: Reference, tz_source: TzSource | None) -> EventData:
    given = cells.needed("code")
    code = given.lower().replace(" ", "_")
    known = code in MILESTONES
    return ShipmentMilestone(
        about=about,
        code=code if known else "unmapped",
        place=_place(cells),
        note=cells.text("note"),
        raw_code=None if known else given[:64],
        tz_source=tz_source,
    )


def _exception(cells: Cells, about: Reference, tz_source: TzSource | None) -> EventData:
    given = cells.text("reason") or cells.needed("code")
    code = given.lower().replace(" ", "_")
    known = code in EXCEPTIONS
    return ExceptionRaised(
        about=about,
        exception=code[:80],
        code=code if known else "other",
        place=_place(cells),
        note=cells.text("note"),
        raw_code=None if known else given[:64],
        tz_source=tz_source,
    )


def _eta(cells: Cells, about: Reference, _tz_source: TzSource | None) -> EventData:
    eta_at, tz_source = cells.times.placed("eta", cells.needed("eta"))
    return EtaChanged(about=about, eta_at=eta_at, tz_source=tz_source)


def _lines(cells: Cells) -> tuple[ShipmentLine, ...]:
    """The order lines of a row: one in columns of its own, or several in one (`SO-1:1:10; SO-1:2:5`)."""
    several = cells.text("lines")
    if several is not None:
        return tuple(_line(item.strip()) for item in several.split(";") if item.strip())
    if not {"order", "line", "quantity"} & set(cells.given):
        return ()
    line, quantity = cells.whole("line"), cells.whole("quantity")
    if line is None or quantity is None:
        raise RowProblem(RejectionReason.INVALID, "an order line needs order, line and quantity")
    return (ShipmentLine(cells.needed("order"), line, quantity),)


def _line(item: str) -> ShipmentLine:
    match = _LINE.fullmatch(item)
    if match is None:
        raise RowProblem(RejectionReason.INVALID, f"lines: {item} is not order:line:quantity")
    return ShipmentLine(match[1].strip(), int(match[2]), int(match[3]))


def _packed(cells: Cells, about: Reference, _tz_source: TzSource | None) -> EventData:
    package = cells.text("package") or cells.needed("package_sscc")
    tracking_number = cells.text("tracking_number") if about.type is not ReferenceType.TRACKING_NUMBER else None
    return PackagePacked(
        about=about,
        package=package,
        tracking_number=tracking_number,
        weight_kg=cells.decimal("weight_kg"),
        lines=_lines(cells),
    )


def _shipped(cells: Cells, about: Reference, _tz_source: TzSource | None) -> EventData:
    return ShipmentShipped(
        about=about,
        lines=_lines(cells),
        packages_count=cells.whole("packages_count"),
        weight_kg=cells.decimal("weight_kg"),
    )


_MAKERS: dict[str, Callable[[Cells, Reference, TzSource | None], EventData]] = {
    "milestone": _milestone,
    "exception": _exception,
    "eta": _eta,
    "packed": _packed,
    "shipped": _shipped,
}
