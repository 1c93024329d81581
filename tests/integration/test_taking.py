"""Batches on the way in: bounded by how many messages they hold and by what these weigh."""

from collections.abc import Iterator, Sequence

import pytest

from projections.database import Pool
from projections.intake.intake import Alongside, Intake
from projections.intake.outcomes import Message, Outcome
from projections.sources.declared import DeclaredSource
from projections.sources.taking import BATCH, BATCH_BYTES, Door, take_in
from tests.messages import order_released
from tests.unit.sources.x12_messages import interchange, transaction

ERP = DeclaredSource("/erp/main", "events")
CARRIER = DeclaredSource("/carrier/rdfx", "x12", carrier="RDFX")
MEBIBYTE = 1_048_576
LINE_BYTES = 6 * MEBIBYTE


class Weighing(Intake):
    """The intake, and how many bytes each batch it was handed had."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.weights: list[int] = []
        self.counts: list[int] = []

    async def take(self, messages: Sequence[Message], alongside: Alongside | None = None) -> list[Outcome]:
        self.weights.append(sum(len(kept) for kept in {message.kept for message in messages}))
        self.counts.append(len(messages))
        return await super().take(messages, alongside)


@pytest.fixture
def intake(projector_pool: Pool) -> Weighing:
    return Weighing(projector_pool)


def hostile(count: int) -> Iterator[bytes]:
    """So many lines as long as none should be, piece by piece as a file is read."""
    for number in range(count):
        yield b'{"%d' % number
        yield from [b"x" * MEBIBYTE] * (LINE_BYTES // MEBIBYTE)
        yield b"\n"


async def test_however_heavy_messages_are_a_batch_of_them_is_not(intake: Weighing):
    account = await take_in(intake, ERP, hostile(7), door=Door("test"))
    assert (account.messages, account.quarantined) == (7, 7)
    assert intake.counts == [3, 3, 1]
    assert max(intake.weights) < BATCH_BYTES + LINE_BYTES


async def test_light_messages_are_taken_many_at_a_time(intake: Weighing):
    bodies = (order_released(f"SO-{number}") + b"\n" for number in range(2 * BATCH))
    account = await take_in(intake, ERP, bodies, door=Door("test"))
    assert account.accepted == 2 * BATCH
    assert max(intake.counts) == BATCH


async def test_a_heavy_message_that_says_much_weighs_once(intake: Weighing):
    pallets = (f"L11*PALLET-{number:07}*97*{'x' * 70}" for number in range(4_000))
    said = (f"AT7*AF*NS***20260302*10{minute:02}*UT" for minute in range(60))
    body = interchange(transaction("214", "B10*1*S-1*RDFX", *pallets, "LX*1", *said))
    account = await take_in(intake, CARRIER, [body], door=Door("test"))
    assert 60 * len(body) > BATCH_BYTES
    assert (account.held, intake.counts[0]) == (60, 60)
