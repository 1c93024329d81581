"""From a kept message back to what intake is given, and from intake's answers to what became of the entry. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from projections.event import Rejection, RejectionReason
from projections.intake.outcomes import Message, Native, Outcome, OutcomeStatus
from projections.sources.declared import DeclaredSource, SourcesFileError, declared
from projections.sources.registry import FORMATS, adapter_of
from projections.sources.taking import Door, messages_of

EntryStatus: TypeAlias = Literal["accepted", "duplicate", "held", "quarantined", "ignored"]
# A message may say several things: what happened to the first of these is what happened to it.
_WEIGHTIEST_FIRST = (OutcomeStatus.QUARANTINED, OutcomeStatus.HELD, OutcomeStatus.ACCEPTED, OutcomeStatus.DUPLICATE)


class Kept(msgspec.Struct, frozen=True):
    """An entry of the quarantine, as far as taking it again needs it."""

    id: int
    reason: str
    channel: str
    source_key: str | None
    declared: str | None
    sources: tuple[str, ...] | None
    tenants: tuple[str, ...]
    body: bytes


class EntryOutcome(msgspec.Struct, frozen=True):
    """What became of an entry. `quarantined`: refused again, now for this reason; it stays open.

    `ignored`: understood by now, and it says nothing we keep. Of several events in one message the one that fared
    worst counts; those that were taken when it first came are duplicates.
    """

    id: int
    status: EntryStatus
    reason: str | None = None
    detail: str | None = None
    pointer: str | None = None


def messages_again(kept: Kept, sources: Mapping[str, DeclaredSource]) -> list[Message]:
    """What intake is given of it: read anew when it is native, with no more rights than its sender had.

    Its source counts as it is declared now, because that is where a wrong mapping is mended; one that is not
    declared any more, or never was, as it was then.
    """
    if kept.declared is None:
        return [Message(kept.body, kept.channel, kept.sources, kept.tenants, replays=kept.id)]
    door = Door(kept.channel, kept.sources, kept.tenants, kept.source_key)
    try:
        one = _declared(kept, kept.declared, sources)
    except SourcesFileError as error:
        why = Rejection(RejectionReason.UNKNOWN_SOURCE, str(error))
        native = Native(kept.body, kept.declared, kept.source_key)
        return [Message(kept.body, kept.channel, kept.sources, kept.tenants, why, native, kept.id)]
    takings = adapter_of(one)([kept.body], one.source)
    return [replace(message, replays=kept.id) for message in messages_of(takings, one, door)]


def _declared(kept: Kept, said: str, sources: Mapping[str, DeclaredSource]) -> DeclaredSource:
    if kept.source_key is not None and (now := sources.get(kept.source_key)):
        return now
    # Checked anew: a format may have gone since.
    return declared("as it was declared", msgspec.json.decode(said), FORMATS)


def outcome_of(entry_id: int, outcomes: Sequence[Outcome]) -> EntryOutcome:
    """What became of an entry, from what became of its messages."""
    for status in _WEIGHTIEST_FIRST:
        for one in outcomes:
            if one.status is status:
                return EntryOutcome(entry_id, one.status.value, one.reason, one.detail, one.pointer)
    return EntryOutcome(entry_id, "ignored")
