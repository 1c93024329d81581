"""The owners of an installation: its declared sources that can be asked about shipments."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from app.owners.owners import AGAIN_SECONDS, Owner, Owners
from app.reads.freshness import FreshnessClock
from app.sources import api_token, asked_about_shipments
from app.upstream.breaker import Breaker
from app.upstream.client import Upstream
from app.upstream.policy import Policy
from projections.database import Pool
from projections.intake.intake import Intake
from projections.sources.declared import DeclaredSource

# Readers are waiting: one try, and one that fails is left in peace before long.
POLICY = Policy(attempts=1, timeout_seconds=3.0, deadline_seconds=3.0, most_bytes=1_048_576)
FAILURES, COOLDOWN_SECONDS = 3, 15.0


@asynccontextmanager
async def open_owners(
    sources: Mapping[str, DeclaredSource], pool: Pool, intake: Intake, clock: FreshnessClock
) -> AsyncIterator[Owners | None]:
    """None when no source can be asked. Raises SettingsError for a token that is not set."""
    async with AsyncExitStack() as stack:
        owners: dict[str, Owner] = {}
        for one in asked_about_shipments(sources):
            if one.api is not None:
                upstream = Upstream(
                    one.api.url,
                    policy=POLICY,
                    breaker=Breaker(FAILURES, COOLDOWN_SECONDS),
                    token=api_token(one),
                )
                owners[one.name] = Owner(one.source, await stack.enter_async_context(upstream))
        if not owners:
            yield None
            return
        made = Owners(pool, intake, clock, owners, again_seconds=AGAIN_SECONDS)
        stack.push_async_callback(made.close)
        yield made
