"""First answers, kept so that the same request sent again is answered the same.

Kept in the transaction that takes the messages, which the intake lock orders: of two requests at once under one key,
the second finds the first one's answer when its turn comes, and takes nothing.
"""

from datetime import timedelta

import msgspec

from projections.database import Connection, Pool
from projections.intake.store import SQL

KEPT_FOR = timedelta(hours=24)
PRUNE_AT_ONCE = 200


class AnsweredBeforeError(Exception):
    """Another request under this key was answered meanwhile: what this one did is undone, and that answer counts."""


class Use(msgspec.Struct, frozen=True):
    """One use of an Idempotency-Key: by whom, under which key, for which bytes."""

    sender: str
    key: str
    fingerprint: bytes


class Answer(msgspec.Struct, frozen=True):
    """An answer as it was given."""

    status: int
    media_type: str
    body: bytes


class FirstAnswer(msgspec.Struct, frozen=True):
    """The answer first given under a key, and whether it was given to the same bytes."""

    answer: Answer
    same: bool


class Answers:
    """The answers of the last `KEPT_FOR`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def first(self, use: Use) -> FirstAnswer | None:
        """What this sender was answered under this key, or None when nothing was yet."""
        row = await self._pool.fetchrow(SQL["find_answer"], use.sender, use.key, KEPT_FOR)
        if row is None:
            return None
        answer = Answer(row["status"], row["media_type"], row["body"])
        return FirstAnswer(answer, same=row["fingerprint"] == use.fingerprint)

    @staticmethod
    async def keep(connection: Connection, use: Use, answer: Answer) -> None:
        """Keep an answer in the transaction under way. Raises AnsweredBeforeError where there is one already."""
        kept = await connection.fetchval(
            SQL["keep_answer"],
            *(use.sender, use.key, use.fingerprint, answer.status, answer.media_type, answer.body, KEPT_FOR),
        )
        if kept is None:
            raise AnsweredBeforeError
        await connection.execute(SQL["prune_answers"], KEPT_FOR, PRUNE_AT_ONCE)
