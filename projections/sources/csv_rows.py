"""CSV uploads of a 3PL: a header, then one event a row.

`event` says what a row is (milestone, exception, eta, packed, shipped); without that column all rows are milestones.
`code` is one of our milestones or exceptions: a 3PL that fills a form uses the form's words.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from projections.event import Rejection, RejectionReason
from projections.sources.adapter import Adapter, Ignored, Rejected, Source, Taken, TzSource, placed_in_time
from projections.sources.canonical import canonical
from projections.sources.codes.csv_columns import SYNONYMS
from projections.sources.codes.zones import zone_of
from projections.sources.csv_events import Cells, RowProblem, statement
from projections.sources.csv_lines import Row, RowReader, lines

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_TIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M", "%Y%m%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y")
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a source's files look. `columns`: its headings to our column names, beside the synonyms everyone may use.

    Bytes that are not UTF-8 are read as `fallback`; None refuses such rows. `delimiter` None: as the header shows.
    `time_format` (strptime) for times that are not ISO 8601 nor day.month.year: 03/04/2026 is two days.
    """

    columns: dict[str, str] = {}
    delimiter: str | None = None
    fallback: str | None = "latin-1"
    time_format: str | None = None


def csv_rows(chunks: Iterable[bytes], source: Source, layout: Layout = Layout()) -> Iterator[Taken]:  # noqa: B008 -- frozen
    """Read a file row by row, in memory for one row. Never raises for any bytes.

    Each row that is not blank gives one outcome; a rejection names the row and its `raw` is the header and that row,
    so that it can be read again alone.
    """
    reader = RowReader(lines(chunks), layout.delimiter, layout.fallback)
    header: Row | None = None
    columns: list[str | None] = []
    blank = True
    for row in reader:
        if header is None:
            if not any(row.fields) and not row.fault:
                continue
            header = row
            columns, detail = _columns(row, layout.columns)
            if detail:
                yield _rejected(RejectionReason.MALFORMED, detail, row.raw, source)
                columns = []
        elif any(row.fields) or row.fault:
            blank = False
            raw = header.raw.rstrip(b"\r\n") + b"\n" + row.raw
            yield _taken(row, columns, raw, source, layout)
        elif row.fields:
            blank = False
            yield Ignored(f"row {row.number} is empty", row.raw)
    if header is None:
        yield _rejected(RejectionReason.MALFORMED, "the file is empty", b"", source)
    elif columns and blank:
        yield Ignored("the file has a header and no rows", header.raw)


def csv_rows_of(layout: Layout) -> Adapter:
    """The adapter for one source's files."""
    return functools.partial(csv_rows, layout=layout)


def _rejected(reason: RejectionReason, detail: str, raw: bytes, source: Source) -> Rejected:
    return Rejected(Rejection(reason, detail, source=source.name), raw)


def _plain(heading: str) -> str:
    return _NOT_LETTERS.sub(" ", heading.lower()).strip()


_BY_HEADING = {_plain(name): column for column, names in SYNONYMS.items() for name in (column, *names)}


def _columns(header: Row, mapping: Mapping[str, str]) -> tuple[list[str | None], str]:
    """Our name of each column, None for one we do not know; and what is wrong with the header, if anything."""
    if header.fault:
        return [], f"row {header.number}, the header: {header.fault}"
    given = {_plain(heading): column for heading, column in mapping.items()}
    known = [given.get(_plain(heading)) or _BY_HEADING.get(_plain(heading)) for heading in header.fields]
    twice = sorted({column for column in known if column is not None and known.count(column) > 1})
    if twice:
        return [], f"row {header.number}, the header: more than one column is {', '.join(twice)}"
    if not {"time", "date"} & set(known):
        return [], f"row {header.number}, the header: no column says when (time, or date); a mapping can name it"
    return known, ""


def _taken(row: Row, columns: list[str | None], raw: bytes, source: Source, layout: Layout) -> Taken:
    where = f"row {row.number}"
    if not columns:
        return _rejected(RejectionReason.MALFORMED, f"{where}: its header was refused", raw, source)
    if row.fault:
        return _rejected(RejectionReason.MALFORMED, f"{where}: {row.fault}", raw, source)
    if len(row.fields) != len(columns):
        detail = f"{where} has {len(row.fields)} fields, the header {len(columns)}"
        return _rejected(RejectionReason.MALFORMED, detail, raw, source)
    given = {column: field for column, field in zip(columns, row.fields, strict=True) if column and field}
    try:
        said = statement(Cells(given, _Times(given, source, layout)), source)
    except RowProblem as problem:
        return _rejected(problem.reason, f"{where}: {problem.detail}", raw, source)
    taken = canonical(said, source, raw)
    if isinstance(taken, Rejected):
        rejection = msgspec.structs.replace(taken.rejection, detail=f"{where}: {taken.rejection.detail}")
        return Rejected(rejection, raw)
    return taken


class _Times:
    """Reads a row's times: with the offset they give, else the row's zone, the place's or the source's."""

    def __init__(self, given: Mapping[str, str], source: Source, layout: Layout) -> None:
        self._given = given
        self._source = source
        self._format = layout.time_format

    def occurred(self) -> tuple[datetime, TzSource | None]:
        given = self._given
        text = given.get("time") or " ".join(filter(None, (given.get("date"), given.get("clock"))))
        if not given.get("date") or not given.get("time"):
            return self.placed("time" if "time" in given else "date", text)
        # Both: a day, and the time of day beside it.
        return self.placed("time", f"{given['date']} {given['time']}")

    def placed(self, column: str, text: str) -> tuple[datetime, TzSource | None]:
        if not text:
            raise RowProblem(RejectionReason.INVALID, f"{column} is empty")
        local = self._local(column, text)
        given = self._given
        if local.tzinfo is None and "zone" in given:
            return local.replace(tzinfo=_zone(given["zone"])), None
        country = given.get("country")
        zone = zone_of(country.upper(), given.get("region"), given.get("city")) if country else None
        return placed_in_time(local, self._source, place_zone=zone)

    def _local(self, column: str, text: str) -> datetime:
        formats = (self._format,) if self._format else _TIME_FORMATS
        if not self._format:
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                pass
        for pattern in formats:
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007 -- local time: `placed` gives it its zone
            except ValueError:
                continue
        if _DAY_OR_MONTH_FIRST.match(text):
            detail = f"{column}: {text} may be two different days; give ISO 8601, or the layout a time_format"
            raise RowProblem(RejectionReason.INVALID, detail)
        raise RowProblem(RejectionReason.TIME_IMPOSSIBLE, f"{column}: {text} is not a time")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RowProblem(RejectionReason.INVALID, f"zone: no time zone is called {name}") from None
