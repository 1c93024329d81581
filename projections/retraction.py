"""Taking back: an event a source retracts leaves no trace, whichever of the two arrives first.

A retraction is final: taking back a retraction changes nothing (say the event anew instead). A state
remembers what was retracted, so the event is passed over when it comes later; when it came earlier,
the state is folded anew from the log's history of its subject.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from projections.event import Event
from projections.events import EventRetracted


class Retractable(Protocol):
    """A state that remembers what was taken back."""

    retracted: set[str]


S = TypeVar("S", bound=Retractable)


def identity(source: str, event_id: str) -> str:
    return f"{source} {event_id}"


def family(event_id: str) -> str:
    """What takes back this event and all others of its source that share all but the last part of their ids."""
    return f"{event_id.rpartition('-')[0]}-*"


def note_retraction(state: Retractable, event: Event) -> bool:
    """Remember a retraction; True when there is nothing else to fold: it was one, or the event is taken back."""
    if isinstance(event.data, EventRetracted):
        state.retracted.add(identity(event.source, event.data.retracts))
        return True
    if not state.retracted:
        return False
    return not state.retracted.isdisjoint({identity(event.source, event.id), identity(event.source, family(event.id))})


def fold_history(state: S, events: Sequence[Event], fold: Callable[[S, Event], None]) -> S:
    """Fold a subject's whole history: its retractions first, so that none of what they take back is folded."""
    for event in events:
        if isinstance(event.data, EventRetracted):
            note_retraction(state, event)
    for event in events:
        fold(state, event)
    return state


def needs_history(events: Sequence[Event]) -> bool:
    """True when folding these onto a state is not enough: something already folded may be taken back."""
    return any(isinstance(event.data, EventRetracted) for event in events)
