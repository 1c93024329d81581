"""What the application is made of: from settings to services, connected and ready, and closed in the opposite order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import msgspec

from app.blobs import blob_store
from app.graphql.persisted import Persisted
from app.live.feed import ChangeFeed
from app.owners.wiring import open_owners
from app.reads.changes import Changes
from app.reads.database import SQL
from app.reads.documents import Documents as DocumentReads
from app.reads.exceptions import Exceptions
from app.reads.freshness import FreshnessClock
from app.reads.invoices import Invoices
from app.reads.lists import Lists
from app.reads.lookup import Lookup
from app.reads.memory import Memory
from app.reads.past import Past
from app.reads.path import ReadPath
from app.reads.positions import Positions
from app.reads.promises import Promises
from app.reads.pushes import hear_pushes
from app.reads.seal import PositionSeal
from app.reads.stores import PostgresDocuments, RedisDocuments
from app.reads.watch import Watch
from app.rest.access import Access
from app.rest.documents.reading import DocumentDesk
from app.rest.idempotency import Once
from app.rest.minimum import Soundings
from app.rest.ops.asking import Ops
from app.rest.senders import Senders
from app.settings import OFF, Settings
from app.shares.shares import Shares
from app.source_health.figures import Gauges
from app.source_health.sources import SourceRegister
from app.sources import declared_sources, expected_every, formats_of, source_proofs
from auth.introspection import Introspection
from auth.issuer.issuer import Issuer
from auth.issuer.key_ring import KeyRing
from auth.limits.limiter import DEADLINE_SECONDS, SharedLimiter
from auth.links import LinkKey, load_or_create_link_key
from auth.remote_keys import RemoteKeys
from auth.revocation.revoked import Revoked
from auth.revocation.watch import RevocationWatch
from auth.tokens import TokenVerifier
from projections.audit.reads import ReadJournal
from projections.cache import PUT_SCRIPT, TTL_SECONDS
from projections.database import DatabaseRole, open_pool
from projections.intake.answers import Answers
from projections.intake.intake import Intake
from projections.papers.contents import Contents
from projections.quarantine.replay import Replays
from projections.redis import UNAVAILABLE, Redis, open_redis
from projections.walls import refuse_holes

BLOCKING_READ_SECONDS = 2.0
# What a reader waits for Redis before the next rung is asked.
REDIS_SECONDS = 0.2


class Services(msgspec.Struct, frozen=True):
    """All that the application is made of, ready to be used."""

    settings: Settings
    access: Access
    verifier: TokenVerifier
    limiter: SharedLimiter | None
    path: ReadPath
    past: Past
    lists: Lists
    lookup: Lookup
    exceptions: Exceptions
    shares: Shares
    promises: Promises
    changes: Changes
    feed: ChangeFeed
    desk: DocumentDesk
    contents: Contents
    invoices: Invoices
    link_key: LinkKey
    clock: FreshnessClock
    watch: Watch
    positions: Positions
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
        redis = await stack.enter_async_context(open_redis(settings.redis_url, timeout_seconds=REDIS_SECONDS))
        blocking = await stack.enter_async_context(
            open_redis(settings.redis_url, timeout_seconds=BLOCKING_READ_SECONDS)
        )
        seal = PositionSeal(await reading.fetchval(SQL["position_key"]))
        clock = FreshnessClock(settings.thresholds, expected, seal)
        memory = Memory(settings.memory_documents, clock.learn_version, clock.complete_until)
        intake = Intake(writing, max_event_bytes=settings.max_event_bytes)
        owners = await stack.enter_async_context(open_owners(sources, writing, intake, clock))
        watch = Watch(redis, reading, clock, memory, owners)
        path = ReadPath(
            memory=memory,
            redis=RedisDocuments(redis, REDIS_SECONDS),
            postgres=PostgresDocuments(reading),
            watch=watch,
            clock=clock,
            fill=lambda key, packed: _fill(redis, watch, key, packed),
            owners=owners,
        )
        verifier, issuer = await _verifier(settings, stack)
        await watch.look_at_postgres()
        await watch.look_at_redis()
        journal = ReadJournal(writing)
        changes = Changes(reading, memory)
        feed = ChangeFeed(changes)
        hearing = partial(hear_pushes, blocking, memory, watch.doubt, feed.wake)
        _beside(stack, watch.run, hearing, journal.run, feed.run)
        lookup = Lookup(reading, path)
        blobs = blob_store(settings, reading, writing)
        replays = Replays(writing, sources, max_event_bytes=settings.max_event_bytes)
        access = Access(verifier)
        register = SourceRegister(operating, sources, expected)
        yield Services(
            settings=settings,
            access=access,
            verifier=verifier,
            limiter=await _limiter(settings, stack),
            path=path,
            past=Past(reading, formats_of(sources)),
            lists=Lists(reading, memory),
            lookup=lookup,
            exceptions=Exceptions(reading, memory),
            shares=Shares(reading, writing),
            promises=Promises(reading),
            changes=changes,
            feed=feed,
            desk=DocumentDesk(access, DocumentReads(reading, path), path, blobs, journal),
            contents=Contents(writing, blobs),
            invoices=Invoices(reading),
            link_key=load_or_create_link_key(settings.link_key),
            clock=clock,
            watch=watch,
            positions=Positions(seal, watch, memory),
            journal=journal,
            persisted=Persisted(reading, redis, only_registered=settings.graphql_documents == "registered"),
            intake=intake,
            senders=Senders(access, sources, proofs),
            once=Once(Answers(writing), Soundings(intake, seal)),
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
