"""What an owner's answer about one shipment says that we do not know. Pure: bytes and a state in, events out."""

from collections.abc import Sequence
from urllib.parse import quote

from projections.reconciliation.comparing import compare, read
from projections.reconciliation.kinds import KINDS
from projections.shipment_view.state import ShipmentState
from projections.sources.adapter import CanonicalEvent, Rejected, Source

KIND = KINDS["shipments"]


class OtherSubjectError(Exception):
    """The answer is about something else than was asked for."""


def question(state: ShipmentState) -> str | None:
    """The path to ask its owner at; None while nobody has planned it."""
    return f"{KIND.path}/{quote(state.plan.value.about.value, safe='')}" if state.plan else None


def owner_of(state: ShipmentState) -> str | None:
    """The name of the source that plans it."""
    return state.plan.stamp.source if state.plan else None


def news(body: bytes, source: Source, state: ShipmentState) -> Sequence[CanonicalEvent | Rejected]:
    """The answer's claims that would change the state, as the events that say so; or why it cannot be read.

    Raises OtherSubjectError for an answer about another shipment, be it this customer's or another's: nothing of
    it may be shown, nor taken for an answer.
    """
    one = read(body, KIND, source)
    if not isinstance(one, Rejected) and (one.subject_id, one.tenant) != (state.id, state.tenant):
        raise OtherSubjectError(f"asked about {state.id}, answered about {one.subject_id}")
    return compare(one, KIND, source, {state.id: state}).takings
