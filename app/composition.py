"""The only place that wires things together: from settings to services, and from services to the application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import msgspec
from litestar import Litestar, asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import ControllerRouterHandler

from app.reads.freshness import FreshnessClock
from app.reads.lists import Kind, Lists
from app.reads.lookup import Lookup
from app.reads.memory import Memory
from app.reads.path import ReadPath
from app.reads.pushes import hear_pushes
from app.reads.stores import PostgresDocuments, RedisDocuments
from app.reads.watch import Watch
from app.refusals import exception_handlers
from app.rest.access import Access
from app.rest.docs import docs_handlers
from app.rest.events import events_handler
from app.rest.health import health_handlers
from app.rest.hot import HotReads
from app.rest.lists import ListEndpoint, lookup_handler
from app.rest.ops import ops_handlers
from app.rest.ops.asking import Ops
from app.rest.sources import source_messages_handler
from app.settings import Settings
from app.sources import declared_sources
from auth.issuer.issuer import Issuer
from auth.issuer.routes import issuer_router
from auth.issuer.signing_key import load_or_create_signing_key
from auth.remote_keys import RemoteKeys
from auth.tokens import TokenVerifier
from projections.audit.reads import ReadJournal
from projections.cache import PUT_SCRIPT, TTL_SECONDS
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.quarantine.replay import Replays
from projections.redis import UNAVAILABLE, Redis, open_redis
from projections.sources.declared import DeclaredSource

BLOCKING_READ_SECONDS = 2.0


class Services(msgspec.Struct, frozen=True):
    """All that the application is made of, ready to be used."""

    settings: Settings
    access: Access
    path: ReadPath
    lists: Lists
    lookup: Lookup
    clock: FreshnessClock
    watch: Watch
    journal: ReadJournal
    intake: Intake
    sources: Mapping[str, DeclaredSource]
    issuer: Issuer | None
    ops: Ops


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect, start what runs beside the requests, and close it all in the opposite order."""
    sources = declared_sources(settings)
    async with AsyncExitStack() as stack:
        reading = await stack.enter_async_context(
            await open_pool(settings.database_url, DatabaseRole.APP, connections=8)
        )
        writing = await stack.enter_async_context(await open_pool(settings.database_url, DatabaseRole.PROJECTOR))
        operating = await stack.enter_async_context(
            await open_pool(settings.database_url, DatabaseRole.OPS, connections=2)
        )
        redis = await stack.enter_async_context(open_redis(settings.redis_url))
        blocking = await stack.enter_async_context(
            open_redis(settings.redis_url, timeout_seconds=BLOCKING_READ_SECONDS)
        )
        clock = FreshnessClock(settings.live_seconds, settings.stale_seconds)
        memory = Memory(settings.memory_documents)
        watch = Watch(redis, reading, clock, memory)
        path = ReadPath(
            memory=memory,
            redis=RedisDocuments(redis),
            postgres=PostgresDocuments(reading),
            watch=watch,
            clock=clock,
            fill=lambda key, packed: _fill(redis, watch, key, packed),
        )
        verifier, issuer = await _verifier(settings, stack)
        await watch.look_at_postgres()
        await watch.look_at_redis()
        journal = ReadJournal(writing)
        _beside(stack, watch.run, lambda stop: hear_pushes(blocking, memory, stop), journal.run)
        lookup = Lookup(reading, path)
        intake = Intake(writing, max_event_bytes=settings.max_event_bytes)
        replays = Replays(writing, sources, max_event_bytes=settings.max_event_bytes)
        yield Services(
            settings=settings,
            access=Access(verifier),
            path=path,
            lists=Lists(reading, memory),
            lookup=lookup,
            clock=clock,
            watch=watch,
            journal=journal,
            intake=intake,
            sources=sources,
            issuer=issuer,
            ops=Ops(operating, writing, replays, settings.held_seconds, settings.max_batch_bytes),
        )


async def _verifier(settings: Settings, stack: AsyncExitStack) -> tuple[TokenVerifier, Issuer | None]:
    """Tokens of the issuer that was set; else of the embedded one, which then is part of the application."""
    if settings.issuer:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=5, trust_env=False))
        return TokenVerifier(
            RemoteKeys(settings.issuer, http), issuer=settings.issuer, audience=settings.audience
        ), None
    credentials = await stack.enter_async_context(
        await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=2)
    )
    issuer = Issuer(
        url=settings.public_url,
        audience=settings.audience,
        signing_key=load_or_create_signing_key(settings.issuer_key),
        database=credentials,
        lifetime_seconds=settings.token_seconds,
    )
    return TokenVerifier(issuer.keys, issuer=issuer.url, audience=settings.audience), issuer


def _beside(stack: AsyncExitStack, *jobs: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run these beside the requests until the stack closes."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(job(stop)) for job in jobs]

    async def end() -> None:
        stop.set()
        await asyncio.gather(*tasks)

    stack.push_async_callback(end)


async def _fill(redis: Redis, watch: Watch, key: str, packed: bytes) -> None:
    """Put a document read from Postgres where the next reader finds it; newer ones stay."""
    try:
        await redis.eval(PUT_SCRIPT, 1, key, str(TTL_SECONDS), packed)
    except UNAVAILABLE:
        watch.redis_failed()


def build(services: Services) -> Litestar:
    """The application over its services."""
    access, settings = services.access, services.settings
    handlers: list[ControllerRouterHandler] = [
        _documents("shipment", services),
        _documents("order", services),
        lookup_handler(access, services.lookup, services.path, services.clock, services.journal),
        events_handler(access, services.intake, settings.max_batch_bytes),
        source_messages_handler(access, services.intake, services.sources, settings.max_batch_bytes),
        *ops_handlers(access, services.ops),
        *health_handlers(services.watch, services.clock, settings.stalled_seconds),
        *docs_handlers(settings.public_url),
        *([issuer_router(services.issuer)] if services.issuer else []),
    ]
    return Litestar(handlers, openapi_config=None, exception_handlers=exception_handlers(), logging_config=None)


def _documents(kind: Kind, services: Services) -> ASGIRouteHandler:
    """One kind's documents and their list, mounted under its name."""
    listed = ListEndpoint(kind, services.access, services.lists, services.clock, services.journal)
    hot = HotReads(kind, services.access, services.path, listed, services.journal)
    return asgi(f"/v1/{kind}s", is_mount=True, copy_scope=False)(hot)
