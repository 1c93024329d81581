"""The outage run in small: what `make outage` does for two minutes."""

from pathlib import Path

import pytest

from loadtests.outage import outage


@pytest.mark.timeout(240)
async def test_no_read_fails_and_none_goes_back_while_redis_is_killed_and_started_again(tmp_path: Path):
    shown = await outage(tmp_path, seconds=20, every_seconds=5)
    assert shown.failed == []
    assert shown.went_back == []
    assert shown.kills >= 3
    assert set(shown.reads) >= {"memory", "postgres"}, shown.reads
