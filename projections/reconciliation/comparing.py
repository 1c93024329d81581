"""Records against states: which say something new, and the events that say it.

Theory. A claim is emitted when folding its event would change what we know: its value differs, and its stamp is
the greater one. So what is emitted cannot be emitted again once it is folded, a snapshot that is older than an
event changes nothing, and since ids are made of what is said (`canonical.event_id`), a repetition is a duplicate.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from projections.event import Rejection, RejectionReason
from projections.events import EVENT_TYPES
from projections.order_view.state import OrderState
from projections.ownership import authority_of, role_of
from projections.reconciliation.claims import Claim
from projections.reconciliation.kinds import Kind
from projections.references import public_id
from projections.registers import Stamp
from projections.retraction import identity
from projections.shipment_view.state import ShipmentState
from projections.sources.adapter import CanonicalEvent, Rejected, Source
from projections.sources.canonical import Statement, canonical, event_id

State: TypeAlias = OrderState | ShipmentState
_TYPE_NAMES = {data_type: name for name, data_type in EVENT_TYPES.items()}
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Verdict(StrEnum):
    """A record beside what we know. `outdated`: it differs, and what we know is newer or of more weight."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    OUTDATED = "outdated"
    UNREADABLE = "unreadable"


class Read(msgspec.Struct, frozen=True):
    """A record that was understood, whose it is and the id of the order or shipment it is about."""

    record: object
    raw: bytes
    number: str
    tenant: str
    subject_id: str
    updated_at: datetime


class Compared(msgspec.Struct, frozen=True):
    """A record's verdict, and what of it has to be taken in: its events, or why it is none."""

    verdict: Verdict
    takings: tuple[CanonicalEvent | Rejected, ...] = ()


def read(raw: bytes, kind: Kind, source: Source) -> Read | Rejected:
    """Understand one record. Never raises."""
    try:
        record = msgspec.json.decode(raw, type=kind.record)
    except msgspec.ValidationError as error:
        return Rejected(Rejection(RejectionReason.INVALID, str(error)), raw)
    except _UNREADABLE as error:
        return Rejected(Rejection(RejectionReason.MALFORMED, f"not JSON: {error}"), raw)
    tenant = record.tenant or source.tenant
    if tenant is None:
        detail = "nothing says whose it is: neither the record nor the declared source has a tenant"
        return Rejected(Rejection(RejectionReason.INVALID, detail, "/tenant"), raw)
    subject_id = public_id(kind.subject, tenant, getattr(record, kind.number))
    return Read(record, raw, record.number, tenant, subject_id, record.updated_at)


def compare(one: Read | Rejected, kind: Kind, source: Source, states: Mapping[str, State]) -> Compared:
    """What a record says that we do not know; `states` by subject id hold what we know."""
    if isinstance(one, Rejected):
        return Compared(Verdict.UNREADABLE, (one,))
    state = states.get(one.subject_id)
    claims = list(kind.claims(one.record, state))
    takings = [
        canonical(statement, source, one.raw)
        for claim in claims
        if _changes(claim, statement := Statement(claim.data, claim.at, one.tenant, one.number), source, state)
    ]
    for taking in takings:
        # A record is taken whole or not at all, and counted once.
        if isinstance(taking, Rejected):
            return Compared(Verdict.UNREADABLE, (taking,))
    return Compared(_verdict(claims, state, takings), tuple(takings))


def _verdict(claims: Iterable[Claim], state: State | None, takings: Iterable[object]) -> Verdict:
    if state is None:
        return Verdict.UNKNOWN
    if takings:
        return Verdict.DIFFERENT
    return Verdict.SAME if all(claim.same for claim in claims) else Verdict.OUTDATED


def _changes(claim: Claim, statement: Statement, source: Source, state: State | None) -> bool:
    """Whether folding the claim's event would change what we know: the same question `registers.join` asks."""
    if claim.same:
        return False
    said = event_id(statement)
    if state is not None and identity(source.name, said) in state.retracted:
        return False
    if claim.known is None:
        return True
    role = role_of(source.name)
    authority = authority_of(_TYPE_NAMES[type(claim.data)], role) if role else None
    return Stamp(authority or 0, claim.at, source.name, said) > claim.known
