"""The sources an installation has declared: what each one speaks, and what its messages leave unsaid.

A TOML file (`PORTAL_SOURCES_FILE`), one table a source under the key it is addressed by:

    [abfs-status]
    name = "/carrier/abfs"
    format = "x12"
    carrier = "ABFS"
    zone = "America/Chicago"

    [lager-upload]
    name = "/3pl/lager"
    format = "csv"
    tenant = "nordwind"
    csv = { columns = { "Sendung" = "wms_shipment" }, time_format = "%d/%m/%Y %H:%M" }
    secret_env = "LAGER_KEY"
    key_header = "X-Api-Key"

    [erp]
    name = "/erp/main"
    format = "events"
    api = { url = "https://erp.example/api", kind = "invoices", token_env = "ERP_TOKEN" }

A source with a secret proves itself with it: as its carrier's mapping or its own `signature` says, or by giving it in
`key_header`. The file names the environment variable that holds the secret, never the secret.
"""

import codecs
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from projections.ownership import role_of
from projections.sources.adapter import Source
from projections.sources.api import Api, api_problems
from projections.sources.codes.csv_columns import SYNONYMS
from projections.sources.csv_rows import Layout
from projections.sources.signature import HeaderName, Signature
from projections.values import Code, Scac


class SourcesFileError(Exception):
    """The file cannot be used; the message names the source and what is wrong with it."""


class DeclaredSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`csv` is for the format of that name: what the source's files do unlike others'. `api`: it can be asked, too.

    `expected_every_seconds` is how often it speaks at least, where that is not what its role does.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9_.:/\-]{1,199}$(?!\n)")]
    format: str
    tenant: Code | None = None
    carrier: Scac | None = None
    zone: str | None = None
    csv: Layout | None = None
    api: Api | None = None
    secret_env: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$(?!\n)")] | None = None
    signature: Signature | None = None
    key_header: HeaderName | None = None
    expected_every_seconds: Annotated[float, msgspec.Meta(ge=1, le=31_536_000)] | None = None

    @property
    def source(self) -> Source:
        """What the adapter needs to know."""
        return Source(self.name, self.tenant, self.carrier, self.zone)


def load(path: Path, formats: Mapping[str, object]) -> dict[str, DeclaredSource]:
    """The declared sources by key. Raises SourcesFileError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourcesFileError(f"{path}: {error}") from None
    return {key: declared(key, table, formats) for key, table in tables.items()}


def declared(key: str, table: object, formats: Mapping[str, object]) -> DeclaredSource:
    """One declaration, checked. Raises SourcesFileError."""
    try:
        source = msgspec.convert(table, DeclaredSource)
    except msgspec.ValidationError as error:
        raise SourcesFileError(f"{key}: {error}") from None
    for problem in _problems(source, formats):
        raise SourcesFileError(f"{key}: {problem}")
    return source


def _problems(source: DeclaredSource, formats: Mapping[str, object]) -> Iterator[str]:
    if source.format not in formats:
        yield f"no format is called {source.format}; there are {', '.join(sorted(formats))}"
    if role_of(source.name) is None:
        yield f"{source.name} starts with no known role"
    if source.zone is not None and not _is_zone(source.zone):
        yield f"no time zone is called {source.zone}"
    if source.csv is not None:
        if source.format != "csv":
            yield f"csv is given, and the format is {source.format}"
        yield from _layout_problems(source.csv)
    if source.api is not None:
        yield from api_problems(source.name, source.api)
    yield from _secret_problems(source)


def _secret_problems(source: DeclaredSource) -> Iterator[str]:
    if source.signature is not None and source.key_header is not None:
        yield "signature and key_header are two ways; give one"
    if source.secret_env is None and (source.signature or source.key_header):
        yield "secret_env is missing: the environment variable that holds the secret"
    if source.secret_env is not None and source.secret_env.startswith("PORTAL_"):
        yield "secret_env must not begin with PORTAL_: those are this service's settings"


def _layout_problems(layout: Layout) -> Iterator[str]:
    for column in layout.columns.values():
        if column not in SYNONYMS:
            yield f"csv: no column is called {column}; there are {', '.join(SYNONYMS)}"
    if layout.delimiter is not None and (len(layout.delimiter) != 1 or layout.delimiter in '"\r\n'):
        yield "csv: delimiter must be one character, and neither a quote nor a line end"
    if layout.fallback is not None and not _is_encoding(layout.fallback):
        yield f"csv: no encoding is called {layout.fallback}"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True
