"""Gathering: few calls for many who ask, and nobody's trouble but one's own."""

import asyncio

import pytest

from app.reads.gather import Gather


class Store:
    """A store that counts its calls and answers when told."""

    def __init__(self, values: dict[str, int] | None = None) -> None:
        self.values = values or {}
        self.calls: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.error: BaseException | None = None

    async def fetch(self, keys):
        self.calls.append(list(keys))
        await self.open.wait()
        if self.error:
            raise self.error
        return {key: self.values[key] for key in keys if key in self.values}


async def test_what_is_asked_for_in_one_turn_is_fetched_in_one_call():
    store = Store({"a": 1, "b": 2})
    gather = Gather(store.fetch)
    assert await asyncio.gather(*(gather.get(key) for key in "abcab")) == [1, 2, None, 1, 2]
    assert store.calls == [["a", "b", "c"]]


async def test_who_comes_while_a_call_is_under_way_is_answered_by_one_that_began_later():
    store = Store({"a": 1})
    store.open.clear()
    gather = Gather(store.fetch)
    first = asyncio.create_task(gather.get("a"))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(gather.get("a"))
    await asyncio.sleep(0.01)
    store.open.set()
    assert (await first, await second, store.calls) == (1, 1, [["a"], ["a"]])


async def test_while_two_calls_are_under_way_the_rest_is_gathered_for_the_next():
    store = Store(dict.fromkeys("abcdef", 1))
    store.open.clear()
    gather = Gather(store.fetch)
    asking = []
    for key in "abcdef":
        asking.append(asyncio.create_task(gather.get(key)))
        await asyncio.sleep(0.001)
    assert store.calls == [["a"], ["b"]]
    store.open.set()
    assert await asyncio.gather(*asking) == [1] * 6
    assert store.calls == [["a"], ["b"], ["c", "d", "e", "f"]]


async def test_a_key_asked_for_again_is_fetched_again():
    store = Store({"a": 1})
    gather = Gather(store.fetch)
    await gather.get("a")
    store.values["a"] = 2
    assert await gather.get("a") == 2
    assert len(store.calls) == 2


async def test_a_failed_fetch_fails_all_who_wait_and_nobody_after():
    store = Store({"a": 1})
    store.error = RuntimeError("away")
    gather = Gather(store.fetch)
    answers = await asyncio.gather(gather.get("a"), gather.get("b"), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["away", "away"]
    store.error = None
    assert await gather.get("a") == 1


async def test_one_who_hangs_up_does_not_take_the_others_with_him():
    store = Store({"a": 1})
    store.open.clear()
    gather = Gather(store.fetch)
    impatient, patient = asyncio.create_task(gather.get("a")), asyncio.create_task(gather.get("a"))
    await asyncio.sleep(0.01)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    store.open.set()
    assert await patient == 1


async def test_a_failure_nobody_waits_for_any_more_is_no_noise():
    store = Store()
    store.open.clear()
    store.error = RuntimeError("away")
    gather = Gather(store.fetch)
    alone = asyncio.create_task(gather.get("a"))
    await asyncio.sleep(0.01)
    alone.cancel()
    store.open.set()
    await asyncio.sleep(0.01)
    store.error = None
    assert await gather.get("a") is None
