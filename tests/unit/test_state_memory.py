"""The projector's memory of states: bounded by what they weigh, never forgetting what is under way."""

from projections.folding import Remembered
from projections.shipment_view.state import ShipmentState
from projections.states import StateMemory


def states(names: str, stored_bytes: int = 100) -> dict[str, Remembered[ShipmentState]]:
    return {name: Remembered(ShipmentState(name, "nordwind"), stored_bytes=stored_bytes) for name in names}


async def nothing(_):
    return {}


async def recalled(memory: StateMemory[ShipmentState], names: str) -> str:
    return "".join(await memory.recall(names, nothing))


async def test_the_oldest_go_first_when_the_bytes_are_spent():
    memory: StateMemory[ShipmentState] = StateMemory(300)
    memory.keep(states("ab"))
    memory.keep(states("cd"))
    assert await recalled(memory, "abcd") == "bcd"


async def test_those_kept_last_stay_however_much_they_weigh():
    memory: StateMemory[ShipmentState] = StateMemory(100)
    memory.keep(states("a"))
    memory.keep(states("xyz", stored_bytes=1_000))
    assert await recalled(memory, "axyz") == "xyz"


async def test_what_grew_weighs_what_it_weighs_now():
    memory: StateMemory[ShipmentState] = StateMemory(300)
    memory.keep(states("abc"))
    grown = await memory.recall("c", nothing)
    grown["c"].stored_bytes = 250
    memory.keep(grown)
    assert await recalled(memory, "abc") == "c"
