"""Memory keeps what is newest, believes itself only while pushes are heard, and forgets in time."""

import time

import pytest

from app.reads.memory import OLD_SECONDS, Memory, OldCopy
from projections.cache import Document, Step
from projections.subjects import PARTITION_COUNT, partition_of

KEY = ("nordwind", "shp_a")


def document(version: int) -> Document:
    return Document(version, b"digest88", b"/tms/main", b"", b"{}", b"{}")


@pytest.fixture
def memory() -> Memory:
    memory = Memory(3)
    memory.believe(60)
    return memory


def test_what_was_put_is_there_for_its_tenant_only(memory: Memory):
    memory.put(KEY, document(1), memory.generation)
    assert memory.get(KEY) == document(1)
    assert memory.get(("suedwind", "shp_a")) is None


def test_an_older_version_never_replaces_a_newer(memory: Memory):
    for version in (2, 1, 2):
        memory.put(KEY, document(version), memory.generation)
        assert memory.get(KEY) == document(2)


def test_a_document_goes_when_a_newer_is_known_to_exist_and_an_older_is_not_taken_again(memory: Memory):
    memory.put(KEY, document(1), memory.generation)
    memory.learn(KEY, 2)
    assert (memory.get(KEY), memory.floor(KEY)) == (None, 2)
    memory.put(KEY, document(1), memory.generation)
    assert memory.get(KEY) is None
    memory.put(KEY, document(2), memory.generation)
    assert memory.get(KEY) == document(2)


def test_hearing_of_a_version_it_has_costs_nothing(memory: Memory):
    memory.put(KEY, document(2), memory.generation)
    for version in (1, 2):
        memory.learn(KEY, version)
    assert (memory.get(KEY), memory.floor(KEY)) == (document(2), 2)


def test_nothing_is_believed_nor_kept_while_pushes_are_not_heard():
    memory = Memory(3)
    memory.put(KEY, document(1), memory.generation)
    memory.believe(60)
    assert memory.get(KEY) is None
    memory.put(KEY, document(1), memory.generation)
    memory.believe(-1)
    assert memory.get(KEY) is None


def test_clearing_forgets_documents_and_keeps_floors(memory: Memory):
    memory.put(KEY, document(2), memory.generation)
    memory.clear()
    memory.believe(60)
    assert (memory.get(KEY), memory.floor(KEY)) == (None, 2)


def test_what_began_to_be_read_before_a_clearing_is_not_kept(memory: Memory):
    began = memory.generation
    memory.clear()
    memory.believe(60)
    memory.put(KEY, document(1), began)
    assert memory.get(KEY) is None


def test_the_oldest_goes_when_there_are_too_many(memory: Memory):
    for number in range(5):
        memory.put(("nordwind", f"shp_{number}"), document(1), memory.generation)
    kept = [number for number in range(5) if memory.get(("nordwind", f"shp_{number}"))]
    assert kept == [2, 3, 4]


def test_a_memory_of_none_keeps_none():
    memory = Memory(0)
    memory.believe(60)
    memory.put(KEY, document(1), memory.generation)
    assert memory.get(KEY) is None


def step(epoch: str, before: int, position: int) -> Step:
    return Step(epoch, before, position)


def test_steps_that_follow_each_other_take_it_as_far_as_they_go(memory: Memory):
    assert memory.heard(3, "e1") == -1
    for one in (step("e1", 4, 7), step("e1", 7, 7), step("e1", 7, 9)):
        assert memory.follow(3, one)
        assert memory.heard(3, "e1") == one.position
    assert (memory.heard(3, "e2"), memory.heard(4, "e1")) == (-1, -1)


@pytest.mark.parametrize("after", [step("e1", 8, 9), step("e2", 0, 9)])
def test_after_a_step_that_was_missed_nothing_is_remembered(memory: Memory, after: Step):
    memory.follow(3, step("e1", 4, 7))
    memory.put(KEY, document(1), memory.generation)
    assert not memory.follow(3, after)
    memory.believe(60)
    assert memory.get(KEY) is None
    assert memory.heard(3, after.epoch) == after.position


def test_an_epoch_in_which_nothing_happened_hides_nothing(memory: Memory):
    memory.put(KEY, document(1), memory.generation)
    for one in (step("e1", 4, 7), step("e2", 0, 7)):
        assert memory.follow(3, one)
    assert memory.get(KEY) == document(1)
    assert memory.heard(3, "e2") == 7


def test_a_publisher_that_was_replaced_takes_nothing_back(memory: Memory):
    memory.follow(3, step("e1", 4, 7))
    assert memory.follow(3, step("e0", 2, 5))
    assert memory.heard(3, "e1") == 7


def test_how_far_it_is_counts_only_while_pushes_are_heard(memory: Memory):
    memory.follow(3, step("e1", 4, 7))
    memory.believe(-1)
    assert memory.heard(3, "e1") == -1
    memory.believe(60)
    memory.clear()
    assert memory.heard(3, "e1") == -1


def test_each_version_that_rises_is_told_before_it_is_served():
    told: list[tuple[int, int]] = []
    memory = Memory(3, lambda partition, version: told.append((partition, version)))
    memory.believe(60)
    memory.put(KEY, document(2), memory.generation)
    for version in (1, 2, 5):
        memory.learn(KEY, version)
    assert told == [(partition_of(KEY[0]), version) for version in (2, 5)]


def test_what_can_no_longer_be_believed_is_an_old_copy_as_of_what_had_been_heard():
    now = time.time()
    complete = dict.fromkeys(range(PARTITION_COUNT), now)
    memory = Memory(3, complete_until=lambda: complete)
    memory.ask()
    memory.believe(60)
    memory.put(KEY, document(1), memory.generation)
    # Known to be complete further on, but not heard up to there.
    complete.update(dict.fromkeys(complete, now + 5))
    memory.clear()
    assert memory.get(KEY) is None
    assert memory.old(KEY) == OldCopy(document(1), now)


def test_an_old_copy_goes_when_a_newer_version_is_known():
    memory = Memory(3, complete_until=lambda: dict.fromkeys(range(PARTITION_COUNT), time.time()))
    memory.believe(60)
    memory.put(KEY, document(1), memory.generation)
    memory.clear()
    memory.learn(KEY, 1)
    assert memory.old(KEY) is not None
    memory.learn(KEY, 2)
    assert memory.old(KEY) is None


def test_an_old_copy_is_kept_a_day():
    memory = Memory(3, complete_until=lambda: dict.fromkeys(range(PARTITION_COUNT), time.time() - OLD_SECONDS - 1))
    memory.believe(60)
    memory.put(KEY, document(1), memory.generation)
    memory.clear()
    assert memory.old(KEY) is None


def test_what_is_withheld_is_believed_all_the_same(memory: Memory):
    memory.put(KEY, document(1), memory.generation)
    memory.withhold(withheld=True)
    memory.believe(60)
    assert (memory.get(KEY), memory.believed(KEY)) == (None, document(1))
    memory.withhold(withheld=False)
    assert memory.get(KEY) == document(1)
