"""`portal doctor`: check each setting and each connection, and say how to mend what is wrong."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from app import settings, telemetry
from app.settings import Settings, SettingsError
from app.sources import declared_sources, source_proofs
from auth.discovery import ISSUER_FAILED, discover
from auth.errors import IssuerUnavailable, Unauthorized
from auth.introspection import Introspection
from auth.issuer.signing_key import load_or_create_signing_key
from projections.database import DatabaseRole
from projections.migrations.migrate import scripts
from projections.redis import UNAVAILABLE, open_redis

POSTGRES_LEAST = 150_000


class Finding(msgspec.Struct, frozen=True):
    """What a check found; `mend` says what to do, empty when there is nothing to."""

    check: str
    ok: bool
    found: str
    mend: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Check the settings, Postgres, Redis, the issuer and the declared sources. Exit code 1 when something has to be mended.

    \b
    Examples:
      portal doctor
      portal doctor --json
    """  # noqa: D301 - \b keeps the examples as they are
    # What goes wrong is a finding; said on the way as well, it would be in the way of reading them.
    telemetry.configure("error", "console")
    findings = asyncio.run(examine())
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(finding) for finding in findings]))
    else:
        _print(findings)
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


async def examine() -> list[Finding]:
    """All findings; checks that need the settings are left out while those are wrong."""
    try:
        configured = settings.load()
    except SettingsError as error:
        return [
            Finding("settings", ok=False, found=str(error), mend="Correct it; docs/operations.md lists all settings.")
        ]
    stores, issuer, sources = (_postgres, _migrations, _roles, _redis), (_issuer, _introspection), (_sources, _apis)
    checks: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (*stores, *issuer, *sources)
    return [Finding("settings", ok=True, found="complete"), *[await check(configured) for check in checks]]


async def _postgres(configured: Settings) -> Finding:
    mend = "Check PORTAL_DATABASE_URL, and that Postgres 15 or later listens there."
    try:
        version = await _ask(configured, "select current_setting('server_version_num')::int")
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        return Finding("postgres", ok=False, found=str(error), mend=mend)
    ok = int(str(version)) >= POSTGRES_LEAST
    return Finding("postgres", ok=ok, found=f"version {int(str(version)) // 10_000}", mend="" if ok else mend)


async def _migrations(configured: Settings) -> Finding:
    try:
        applied = await _ask(configured, "select count(*) from public.portal_migration")
    except asyncpg.UndefinedTableError:
        applied = 0
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        return Finding("migrations", ok=False, found=str(error), mend="Mend the connection first.")
    missing = len(scripts()) - int(str(applied))
    if missing:
        return Finding("migrations", ok=False, found=f"{missing} to apply", mend="Run `portal migrate`.")
    return Finding("migrations", ok=True, found="up to date")


async def _roles(configured: Settings) -> Finding:
    """The second wall stands only if the roles we act as cannot walk around it."""
    names = [role.value for role in DatabaseRole]
    sql = "select count(*) from pg_roles where rolname = any($1) and not rolsuper and not rolbypassrls"
    try:
        sound = int(str(await _ask(configured, sql, names)))
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        return Finding("roles", ok=False, found=str(error), mend="Mend the connection first.")
    ok = sound == len(names)
    mend = "" if ok else f"{', '.join(names)} must exist, without SUPERUSER and BYPASSRLS; run `portal migrate`."
    return Finding("roles", ok=ok, found=f"{sound} of {len(names)} held to row-level security", mend=mend)


async def _redis(configured: Settings) -> Finding:
    async with open_redis(configured.redis_url, timeout_seconds=2) as redis:
        try:
            info = await redis.info("server")
        except UNAVAILABLE as error:
            mend = "Check PORTAL_REDIS_URL, and that Valkey 8 or Redis 7 listens there."
            return Finding("redis", ok=False, found=str(error), mend=mend)
    name = info.get("server_name", "redis")
    return Finding("redis", ok=True, found=f"{name} {info.get(f'{name}_version', info.get('redis_version'))}")


async def _issuer(configured: Settings) -> Finding:
    if configured.issuer is None:
        try:
            load_or_create_signing_key(configured.issuer_key)
        except (OSError, ValueError) as error:
            return Finding(
                "issuer", ok=False, found=str(error), mend="Check PORTAL_ISSUER_KEY_FILE and its permissions."
            )
        return Finding("issuer", ok=True, found="embedded")
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            if (await discover(configured.issuer, http)).jwks_uri is None:
                raise ValueError("its metadata names no jwks_uri")
    except ISSUER_FAILED as error:
        mend = "Check PORTAL_ISSUER: it must answer discovery, and name itself there exactly so."
        return Finding("issuer", ok=False, found=f"{configured.issuer}: {_words(error)}", mend=mend)
    return Finding("issuer", ok=True, found=configured.issuer)


async def _introspection(configured: Settings) -> Finding:
    """Asks about a token that nobody has: whoever may ask is told that it is not active."""
    issuer, client_id, secret = configured.issuer, configured.introspection_client_id, configured.introspection_secret
    if issuer is None or client_id is None or secret is None:
        return Finding(
            "introspection", ok=True, found="not in use: opaque tokens are refused" if issuer else "embedded"
        )
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            asking = Introspection(issuer, http, client_id=client_id, secret=secret, audience=configured.audience)
            await asking.principal(b"portal-doctor")
    except Unauthorized:
        return Finding("introspection", ok=True, found=f"answers {client_id}")
    except IssuerUnavailable as error:
        mend = (
            "Check PORTAL_INTROSPECTION_CLIENT_ID and …_SECRET, and that the issuer lets this client introspect tokens."
        )
        return Finding("introspection", ok=False, found=_words(error.__cause__ or error), mend=mend)
    return Finding("introspection", ok=False, found="calls any token active", mend="Have the issuer mended: it lies.")


async def _sources(configured: Settings) -> Finding:
    try:
        sources = declared_sources(configured)
        proofs = source_proofs(sources)
    except SettingsError as error:
        mend = "Correct the file, or set the variable it names where `portal serve` runs; see docs/events.md."
        return Finding("sources", ok=False, found=str(error), mend=mend)
    return Finding("sources", ok=True, found=f"{len(sources)} declared, {len(proofs)} with a secret")


async def _apis(configured: Settings) -> Finding:
    """Whether what is needed to ask the sources that can be asked is there; they are not asked."""
    try:
        sources = declared_sources(configured)
    except SettingsError:
        return Finding("apis", ok=False, found="the sources cannot be read", mend="Mend the sources first.")
    apis = {key: one.api for key, one in sources.items() if one.api is not None}
    missing = [
        f"{key}: {api.token_env}" for key, api in apis.items() if api.token_env and not os.environ.get(api.token_env)
    ]
    if missing:
        mend = "Set them where `portal reconcile` runs: each has to hold the API's bearer token."
        return Finding("apis", ok=False, found=f"not set: {', '.join(missing)}", mend=mend)
    return Finding("apis", ok=True, found=f"{len(apis)} declared")


async def _ask(configured: Settings, sql: str, *arguments: object) -> object:
    connection = await asyncpg.connect(configured.database_url, timeout=5)
    try:
        answer: object = await connection.fetchval(sql, *arguments)
        return answer
    finally:
        await connection.close()


def _words(error: BaseException) -> str:
    """An error in a line; some have no words."""
    return str(error).partition("\n")[0] or type(error).__name__


def _print(findings: list[Finding]) -> None:
    table = Table("", "Check", "Found", "What to do")
    for finding in findings:
        table.add_row("ok" if finding.ok else "[red]wrong[/]", finding.check, finding.found, finding.mend)
    Console().print(table)
