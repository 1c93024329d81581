"""A service with two customers that many tests read from."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from app.settings import Settings
from projections.database import DatabaseRole, open_pool
from projections.redis import open_redis
from tests.fixtures_database import cloned
from tests.fixtures_servers import ServerUrls
from tests.fixtures_service import UNLIMITED, Service, running
from tests.integration.waiting import until
from tests.messages import charge_posted, document_added, invoice_posted, milestone, order_released, shipment_planned
from tests.papers import bring


@pytest.fixture(scope="session")
async def world(servers: ServerUrls, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """For tests that only read: an order and a shipment of nordwind, SO-1 and S-1, and of suedwind, SO-9 and S-9.

    Each with an invoice, a charge and a proof of delivery, INV-1, C-1 and POD-1, INV-9, C-9 and POD-9.
    """
    # Redis' second database: the first is emptied by every test that has a service of its own.
    redis_url = urlunsplit(urlsplit(servers.redis_url)._replace(path="/1"))
    folder: Path = tmp_path_factory.mktemp("world")
    async with cloned(servers, template) as database, open_redis(redis_url, timeout_seconds=5) as redis:
        await redis.flushdb()
        # Nothing is projected while the session goes on, and no test here is about freshness.
        day = 86_400.0
        settings = Settings(
            database_url=database,
            redis_url=redis_url,
            data_dir=str(folder),
            live_seconds=day,
            stale_seconds=day,
            group_seconds="",
            stalled_seconds=day,
            rate_limit=UNLIMITED,
            failure_limit="off",
        )
        pool = await open_pool(database, DatabaseRole.PROJECTOR)
        async with pool, running(settings, redis, pool) as service:
            await service.take(order_released(), shipment_planned(), milestone(hours=5))
            await service.take(
                order_released("SO-9", tenant="suedwind"), shipment_planned("S-9", "SO-9", tenant="suedwind")
            )
            await service.take(invoice_posted(), charge_posted(), document_added())
            theirs = {"tenant": "suedwind"}
            await service.take(
                invoice_posted("INV-9", "SO-9", **theirs), charge_posted("C-9", "S-9", **theirs),
                document_added("POD-9", "S-9", **theirs),
            )  # fmt: skip
            for document in ("POD-1", "POD-9"):
                assert (await bring(service, document=document)).is_success
            await until(lambda: _heard(service))
            yield service


async def _heard(service: Service) -> bool:
    """Whether the service has looked again and learnt when the sources were heard."""
    sources = (await service.get("/v1/shipments")).json()["freshness"]["sources"]
    return all(one["heard_at"] for one in sources)
