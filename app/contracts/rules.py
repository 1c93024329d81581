"""What the intake's checks ask of an event beyond its types, found by asking them: the contract cannot disagree.

Each answer comes from putting a variant of the type's example before `projections.checks.problems`.
"""

from datetime import timedelta

from msgspec.structs import replace

from app.contracts.examples import EXAMPLES
from projections.checks import problems
from projections.event import Event
from projections.events import About
from projections.references import Reference, ReferenceType


def about_types(event_type: str) -> list[str]:
    """The reference types an event may be about; none for an event that is about no one thing."""
    event = EXAMPLES[event_type].event
    if not isinstance(event.data, About):
        return []
    return [
        name.value
        for name in ReferenceType
        if not _objected(_about(event, event.data, Reference(name, "1", "NDVK")), "/data/about/type")
    ]


def needs_tenant(event_type: str) -> bool:
    """Whether the type needs its tenant whatever references it has."""
    return _objected(replace(EXAMPLES[event_type].event, tenant=None), "/tenant")


def _about(event: Event, data: About, reference: Reference) -> Event:
    return replace(event, data=replace(data, about=reference, references=()))


def _objected(event: Event, pointer: str) -> bool:
    now = event.occurred_at + timedelta(minutes=1)
    return any(problem.pointer == pointer for problem in problems(event, now))
