"""The subscriptions run in small: what `make subscriptions` does with a thousand."""

from pathlib import Path

import pytest

from app.settings import Settings
from loadtests.subscriptions import Plan, subscriptions


@pytest.mark.usefixtures("redis")
async def test_each_change_is_told_once_and_in_order_while_workers_are_killed(settings: Settings, tmp_path: Path):
    plan = Plan(subscriptions=100, seconds=4, tenants=5, events_a_second=20, kills=1)
    outcome = await subscriptions(settings.database_url, settings.redis_url, tmp_path, plan)
    assert (outcome.lost, outcome.doubled, outcome.disordered) == ([], [], [])
    assert outcome.changes >= 50
    assert outcome.told == 20 * outcome.changes
    assert outcome.broken_off > 0
