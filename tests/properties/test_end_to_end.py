"""The permutation law through real intake, log and projector."""

import random

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.cache import Publisher
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, OutcomeStatus
from projections.runner import Projector
from tests.properties.strategies import SEEDS, worlds
from tests.properties.world import understood, views_of
from tests.refold import refolded, stored

EMPTIED = """
truncate log.event, log.event_key, log.held, log.correlation, log.quarantine, portal.shipment_state,
  portal.order_state, portal.shipment_view, portal.order_view, portal.reference, portal.change, portal.change_head;
update log.partition set position = 0;
update portal.checkpoint set position = 0, owner = null, lease_expires_at = '-infinity';
"""


@pytest.fixture
async def superuser(database):
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@settings(max_examples=25)
@given(worlds(most=25), SEEDS, st.integers(1, 12), st.integers(1, 30))
async def test_any_order_repetition_and_batching_is_stored_alike(
    superuser, projector_pool, redis, world, seed, batch_size, batch_rows
):
    await superuser.execute(EMPTIED)
    chance = random.Random(seed)  # noqa: S311 - repeatable is the point
    events = understood(world)
    sent = [Message(event.body, "test") for event in (*events, *chance.choices(events, k=5))]
    chance.shuffle(sent)
    intake = Intake(projector_pool)
    projector = Projector(projector_pool, Publisher(redis), owner="test", batch_rows=batch_rows, remembered_bytes=3_000)
    for start in range(0, len(sent), batch_size):
        outcomes = await intake.take(sent[start : start + batch_size])
        assert all(outcome.status is not OutcomeStatus.QUARANTINED for outcome in outcomes)
        if chance.random() < 0.3:
            await projector.catch_up()
    await projector.catch_up()
    views = await stored(superuser)
    assert views == views_of(events)
    assert views == await refolded(superuser)
