"""Waiting between rounds."""

import asyncio

import pytest

from projections.pausing import pause


async def test_a_pause_ends_when_it_is_over_or_no_longer_wanted():
    wanted = asyncio.Event()
    await pause(wanted, 0)
    pausing = asyncio.create_task(pause(wanted, 60))
    await asyncio.sleep(0)
    wanted.set()
    await pausing


@pytest.mark.parametrize("set_first", [True, False])
async def test_a_cancellation_in_the_turn_in_which_the_event_is_set_is_not_lost(set_first: bool):
    wanted = asyncio.Event()
    pausing = asyncio.create_task(pause(wanted, 60))
    await asyncio.sleep(0)
    for act in (wanted.set, pausing.cancel) if set_first else (pausing.cancel, wanted.set):
        act()
    with pytest.raises(asyncio.CancelledError):
        await pausing
