"""The only place that wires things together: from settings to services, and from services to the application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import msgspec
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from app.edge import AsgiApp
from app.graphql.documents import Preparing
from app.graphql.endpoint import GraphQL
from app.graphql.persisted import Persisted
from app.graphql.reading import Reads
from app.graphql.schema import CORE
from app.limits import Costs, Limits
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
from app.rest.hot import Documents, HotReads
from app.rest.idempotency import Once
from app.rest.lists import ListEndpoint, lookup_handler
from app.rest.metrics import metrics_handler
from app.rest.operations import OPERATIONS
from app.rest.ops import ops_handlers
from app.rest.ops.asking import Ops
from app.rest.ops.sources import ops_sources_handler
from app.rest.senders import Senders
from app.rest.sources import source_messages_handler
from app.settings import OFF, Settings
from app.source_health.figures import Gauges
from app.source_health.sources import SourceRegister
from app.sources import declared_sources, expected_every, source_proofs
from auth.introspection import Introspection
from auth.issuer.issuer import Issuer
from auth.issuer.key_ring import KeyRing
from auth.issuer.routes import issuer_router
from auth.limits.failures import Failures
from auth.limits.limiter import DEADLINE_SECONDS, SharedLimiter
from auth.remote_keys import RemoteKeys
from auth.revocation.revoked import Revoked
from auth.revocation.watch import RevocationWatch
from auth.tokens import TokenVerifier
from projections.audit.reads import ReadJournal
from projections.cache import PUT_SCRIPT, TTL_SECONDS
from projections.database import DatabaseRole, open_pool
from projections.intake.answers import Answers
from projections.intake.intake import Intake
from projections.quarantine.replay import Replays
from projections.redis import UNAVAILABLE, Redis, open_redis
from projections.walls import refuse_holes

BLOCKING_READ_SECONDS = 2.0


class Services(msgspec.Struct, frozen=True):
    """All that the application is made of, ready to be used."""

    settings: Settings
    access: Access
    verifier: TokenVerifier
    limiter: SharedLimiter | None
    path: ReadPath
    lists: Lists
    lookup: Lookup
    clock: FreshnessClock
    watch: Watch
    journal: ReadJournal
    persisted: Persisted
    intake: Intake
    senders: Senders
    once: Once
    register: SourceRegister
    gauges: Gauges
    issuer: Issuer | None
    ops: Ops


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect, start what runs beside the requests, and close it all in the opposite order."""
    sources = declared_sources(settings)
    proofs, expected = source_proofs(sources), expected_every(sources)
    async with AsyncExitStack() as stack:
        reading = await stack.enter_async_context(
            await open_pool(settings.database_url, DatabaseRole.APP, connections=8)
        )
        await refuse_holes(reading)
        writing = await stack.enter_async_context(await open_pool(settings.database_url, DatabaseRole.PROJECTOR))
        operating = await stack.enter_async_context(
            await open_pool(settings.database_url, DatabaseRole.OPS, connections=2)
        )
        redis = await stack.enter_async_context(open_redis(settings.redis_url))
        blocking = await stack.enter_async_context(
            open_redis(settings.redis_url, timeout_seconds=BLOCKING_READ_SECONDS)
        )
        clock = FreshnessClock(settings.live_seconds, settings.stale_seconds, expected)
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
        access = Access(verifier)
        register = SourceRegister(operating, sources, expected)
        yield Services(
            settings=settings,
            access=access,
            verifier=verifier,
            limiter=await _limiter(settings, stack),
            path=path,
            lists=Lists(reading, memory),
            lookup=lookup,
            clock=clock,
            watch=watch,
            journal=journal,
            persisted=Persisted(reading, redis, only_registered=settings.graphql_documents == "registered"),
            intake=intake,
            senders=Senders(access, sources, proofs),
            once=Once(Answers(writing)),
            register=register,
            gauges=Gauges(operating, register, watch, memory),
            issuer=issuer,
            ops=Ops(operating, writing, replays, settings.held_seconds, settings.max_batch_bytes),
        )


async def _verifier(settings: Settings, stack: AsyncExitStack) -> tuple[TokenVerifier, Issuer | None]:
    """Tokens of the issuer that was set; else of the embedded one, which then is part of the application."""
    if settings.issuer:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=5, trust_env=False))
        keys, introspection = RemoteKeys(settings.issuer, http), _introspection(settings, settings.issuer, http)
        verifier = TokenVerifier(keys, issuer=settings.issuer, audience=settings.audience, introspection=introspection)
        _beside(stack, keys.watch)
        return verifier, None
    credentials = await stack.enter_async_context(
        await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=4)
    )
    issuer = Issuer(
        url=settings.public_url,
        audience=settings.audience,
        keys=KeyRing(settings.issuer_key, token_seconds=settings.token_seconds),
        database=credentials,
        lifetime_seconds=settings.token_seconds,
    )
    # A connection of its own: slow reads must not keep a worker from hearing what was taken back.
    hearing = await stack.enter_async_context(await open_pool(settings.database_url, DatabaseRole.APP, connections=1))
    revoked = Revoked()
    verifier = TokenVerifier(issuer.keys, issuer=issuer.url, audience=settings.audience, revoked=revoked)
    watch = RevocationWatch(hearing, revoked, verifier.forget_revoked)
    # Before anything is served: a worker that starts anew must not believe what the others no longer do.
    await watch.look()
    _beside(stack, watch.run, issuer.keys.watch, issuer.sweep)
    return verifier, issuer


def _introspection(settings: Settings, issuer: str, http: httpx.AsyncClient) -> Introspection | None:
    if settings.introspection_client_id is None or settings.introspection_secret is None:
        return None
    return Introspection(
        issuer,
        http,
        client_id=settings.introspection_client_id,
        secret=settings.introspection_secret,
        audience=settings.audience,
    )


async def _limiter(settings: Settings, stack: AsyncExitStack) -> SharedLimiter | None:
    if settings.rate_limit == OFF:
        return None
    counting = await stack.enter_async_context(open_redis(settings.redis_url, timeout_seconds=DEADLINE_SECONDS))
    limiter = SharedLimiter(settings.rate_limit, counting)
    stack.push_async_callback(limiter.close)
    return limiter


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
    """Everything but documents."""
    access, settings = services.access, services.settings
    handlers: list[ControllerRouterHandler] = [
        lookup_handler(access, services.lookup, services.path, services.clock, services.journal),
        events_handler(access, services.intake, services.once, settings.max_batch_bytes),
        source_messages_handler(services.senders, services.intake, services.once, settings.max_batch_bytes),
        *ops_handlers(access, services.ops),
        ops_sources_handler(access, services.register),
        metrics_handler(access, services.gauges),
        *health_handlers(services.watch, services.clock, settings.stalled_seconds),
        *docs_handlers(settings.public_url),
        *([issuer_router(services.issuer, proxies=settings.proxies)] if services.issuer else []),
    ]
    return Litestar(handlers, openapi_config=None, exception_handlers=exception_handlers(), logging_config=None)


def served(services: Services) -> AsgiApp:
    """The whole application: its limits, then documents, then everything else."""
    app: AsgiApp = build(services)  # type: ignore[assignment]  # Litestar names its ASGI types more narrowly
    settings = services.settings
    reads = Reads(services.path, services.lists, services.lookup, services.clock, services.journal)
    graphql = GraphQL(
        app,
        access=services.access,
        reads=reads,
        preparing=Preparing(CORE, introspection=settings.graphql_introspection),
        persisted=services.persisted,
        limiter=services.limiter,
    )
    return Limits(
        Documents(graphql, {"shipments": _reads("shipment", services), "orders": _reads("order", services)}),
        services.verifier,
        limiter=services.limiter,
        failures=None if settings.failure_limit == OFF else Failures(settings.failure_limit),
        costs=Costs(OPERATIONS),
        proxies=settings.proxies,
    )


def _reads(kind: Kind, services: Services) -> HotReads:
    listed = ListEndpoint(kind, services.access, services.lists, services.clock, services.journal)
    return HotReads(kind, services.access, services.path, listed, services.journal)
