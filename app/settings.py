"""Settings: from `PORTAL_*` variables, or a TOML file named by `PORTAL_CONFIG`; variables win.

A setting that is wrong or missing stops the start and names itself. No secret has a default.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from app.reads.thresholds import Threshold, Thresholds, groups_of
from auth.limits.grammar import one_limit

PREFIX = "PORTAL_"
CONFIG = "PORTAL_CONFIG"
OFF = "off"
YEAR_SECONDS = 31_536_000

Address = Annotated[str, msgspec.Meta(pattern=r"^https?://\S*[^\s/]$")]
Issuer = Annotated[str, msgspec.Meta(pattern=r"^https?://\S+$")]

Bucket = Annotated[str, msgspec.Meta(pattern=r"^s3://[a-z0-9][a-z0-9.\-]+(/[^\s?#]*)?$")]


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what it should be."""


def _says(words: str) -> msgspec.Meta:
    return msgspec.Meta(description=words)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings. The variable of `database_url` is `PORTAL_DATABASE_URL`, and so on."""

    database_url: Annotated[str, msgspec.Meta(pattern="^postgres(ql)?://", description="Postgres 15 or later.")]
    redis_url: Annotated[str, msgspec.Meta(pattern="^(rediss?|unix)://", description="Valkey 8, Redis 7 or later.")]
    data_dir: Annotated[str, _says("Where the demo keeps its servers' files, and the embedded issuer its key.")] = (
        ".portal"
    )
    host: Annotated[str, _says("The address the service listens on.")] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535, description="The port the service listens on.")] = 8_000
    workers: Annotated[int, msgspec.Meta(ge=1, le=256, description="Processes that serve the API.")] = 1
    base_url: Annotated[
        Address | None, _says("The service's public address, no slash at its end; `http://host:port` when not given.")
    ] = None
    cors_origins: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(https?://[^\s/*,]+(\s+https?://[^\s/*,]+)*)?$",
            description="Origins whose pages may call the API from a browser, separated by spaces.",
        ),
    ] = ""
    issuer: Annotated[Issuer | None, _says("The OpenID Connect issuer; the embedded one when not given.")] = None
    audience: Annotated[str, _says("What access tokens must be meant for (`aud`).")] = "shipment-visibility-portal"
    introspection_client_id: Annotated[
        str | None, _says("What this service calls itself at the issuer to ask about opaque tokens (RFC 7662).")
    ] = None
    introspection_secret: Annotated[str | None, _says("Its secret there.")] = None
    issuer_key_file: Annotated[
        str | None, _says("The embedded issuer's private keys (JWK Set); made at first start in the data folder.")
    ] = None
    token_seconds: Annotated[
        int, msgspec.Meta(ge=60, le=86_400, description="How long the embedded issuer's access tokens live.")
    ] = 3_600
    rate_limit: Annotated[str, _says("What a client may ask for a tenant, say `100/second`; `off`: anything.")] = (
        "6000/minute"
    )
    failure_limit: Annotated[
        str,
        _says(
            "How often an address may fail to prove who it is, or open tracking links, to each worker; `off`: any number."
        ),
    ] = "600/minute"
    proxies: Annotated[
        int, msgspec.Meta(ge=0, le=10, description="Proxies in front of it whose `X-Forwarded-For` is believed.")
    ] = 0
    max_event_bytes: Annotated[
        int, msgspec.Meta(ge=1_024, le=16_777_216, description="The largest event taken in.")
    ] = 1_048_576
    max_batch_bytes: Annotated[
        int, msgspec.Meta(ge=1_024, le=268_435_456, description="The largest request body of events or messages.")
    ] = 8_388_608
    max_document_bytes: Annotated[
        int, msgspec.Meta(ge=1_024, le=1_073_741_824, description="The largest document taken in.")
    ] = 20_971_520
    blob_url: Annotated[
        Bucket | None, _says("Where documents' bytes are kept, `s3://bucket/prefix`; Postgres when not given.")
    ] = None
    blob_endpoint: Annotated[Address | None, _says("Where that bucket is, unless at AWS: `https://minio.example`.")] = (
        None
    )
    link_key_file: Annotated[
        str | None, _says("The key links to documents are signed with; made at first start in the data folder.")
    ] = None
    sources_file: Annotated[str | None, _says("The sources declared, a TOML file; see docs/events.md.")] = None
    live_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=YEAR_SECONDS, description="Documents up to this lag are called live.")
    ] = 5.0
    stale_seconds: Annotated[
        float,
        msgspec.Meta(gt=0, le=YEAR_SECONDS, description="Documents past this lag are called stale; between, delayed."),
    ] = 60.0
    group_seconds: Annotated[
        str,
        _says("Attribute groups of which documents may lag otherwise, `group=LIVE/STALE`; see docs/freshness.md."),
    ] = "order=60/600 allocation=30/300 case=300/3600"
    stalled_seconds: Annotated[
        float,
        msgspec.Meta(gt=0, le=YEAR_SECONDS, description="Past this lag of any partition the service is not healthy."),
    ] = 30.0
    memory_documents: Annotated[
        int, msgspec.Meta(ge=0, le=10_000_000, description="Documents each worker keeps in its memory; 0: none.")
    ] = 20_000
    held_seconds: Annotated[
        int, msgspec.Meta(ge=1, le=YEAR_SECONDS, description="An event held longer is on the operators' worklist.")
    ] = 86_400
    audit_days: Annotated[int, msgspec.Meta(ge=1, le=36_500, description="How long the audit log is kept.")] = 400
    feed_shards: Annotated[
        int, msgspec.Meta(ge=1, le=64, description="Streams `portal:feed:0` and on that are taken in.")
    ] = 1
    graphql_documents: Annotated[
        Literal["any", "registered"], _says("Which GraphQL documents may be asked: any, or only registered ones.")
    ] = "any"
    graphql_introspection: Annotated[bool, _says("Whether GraphQL tells its schema to who asks for it.")] = False
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _says("What is logged.")] = "info"
    log_format: Annotated[Literal["console", "json"], _says("How it is logged.")] = "console"

    @property
    def public_url(self) -> str:
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(Threshold(self.live_seconds, self.stale_seconds), groups_of(self.group_seconds))

    @property
    def link_key(self) -> Path:
        return Path(self.link_key_file) if self.link_key_file else Path(self.data_dir) / "link-key"

    @property
    def issuer_key(self) -> Path:
        return Path(self.issuer_key_file) if self.issuer_key_file else Path(self.data_dir) / "issuer-key.json"


def variable(field: str) -> str:
    return PREFIX + field.upper()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises SettingsError naming the first that is wrong."""
    environ = os.environ if environ is None else environ
    values: dict[str, object] = _from_file(environ[CONFIG]) if environ.get(CONFIG) else {}
    for field in Settings.__struct_fields__:
        if environ.get(variable(field)):
            values[field] = environ[variable(field)]
    _refuse_unknown(environ)
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from None
    _refuse_contradictions(settings)
    return settings


def _refuse_contradictions(settings: Settings) -> None:
    """What each setting for itself cannot say."""
    if settings.stale_seconds < settings.live_seconds:
        raise SettingsError(f"{variable('stale_seconds')} must not be below {variable('live_seconds')}")
    if (settings.introspection_client_id is None) != (settings.introspection_secret is None):
        both = f"{variable('introspection_client_id')} and {variable('introspection_secret')}"
        raise SettingsError(f"{both} go together: one of them is not set")
    if settings.blob_endpoint is not None and settings.blob_url is None:
        raise SettingsError(f"{variable('blob_endpoint')} needs {variable('blob_url')}")
    if settings.introspection_client_id is not None and settings.issuer is None:
        raise SettingsError(f"{variable('introspection_client_id')} needs {variable('issuer')}")
    try:
        groups_of(settings.group_seconds)
    except ValueError as error:
        raise SettingsError(f"{variable('group_seconds')}: {error}") from None
    for field in ("rate_limit", "failure_limit"):
        words = getattr(settings, field)
        try:
            _ = words == OFF or one_limit(words)
        except ValueError as error:
            raise SettingsError(f"{variable(field)}: {error}; say 600/minute, or {OFF}") from None


def _from_file(path: str) -> dict[str, object]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{CONFIG}: {path} cannot be read: {error}") from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt variable would be passed over in silence, and its default used."""
    known = {variable(field) for field in Settings.__struct_fields__} | {CONFIG}
    for name in environ:
        if name.startswith(PREFIX) and name not in known and not name.startswith("PORTAL_TEST_"):
            raise SettingsError(f"{name} is not a setting of this service")


def _named(words: str) -> str:
    """Msgspec's words with the variable's name in them instead of a JSON path."""
    problem, _, path = words.partition(" - at `$.")
    if path:
        return f"{variable(path.rstrip('`'))}: {problem}"
    if "missing required field `" in problem:
        return f"{variable(problem.split('`')[1])} is not set"
    return problem
