"""Enums, made from the tables of `projections.statuses` and the literals of the views, with their words."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, TypeVar

import strawberry

from projections.references import REFERENCE_TYPES, ReferenceType
from projections.statuses import ClosedReason, PhaseName, Status
from projections.words import ENGLISH, catalogue

E = TypeVar("E", bound=type[Enum])


def described(kind: E, description: str, words: Mapping[str, str], name: str | None = None) -> E:
    """An enum for the schema; `words` has a sentence for each of its values."""
    strawberry.enum(kind, name=name, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # what strawberry.enum put there
        value.description = words[value.value]
    return kind


if TYPE_CHECKING:

    class MilestoneCode(StrEnum): ...

    class ReasonCode(StrEnum): ...

    class ResponsibleParty(StrEnum): ...

    class TransportMode(StrEnum): ...

    class PaymentStatus(StrEnum): ...

    class FreshnessState(StrEnum): ...

    class SourceState(StrEnum): ...

    class ServedFrom(StrEnum): ...

    class PartyRole(StrEnum): ...

else:

    def _of(name: str, description: str, words: Mapping[str, str]) -> type[StrEnum]:
        return described(StrEnum(name, {value.upper(): value for value in words}), description, words)

    MilestoneCode = _of(
        "MilestoneCode",
        "What happened. Codes may be added.",
        {code: words.text for code, words in catalogue(ENGLISH).milestones.items()},
    )
    ReasonCode = _of(
        "ReasonCode",
        "Why. Codes may be added.",
        {code: words.text for code, words in catalogue(ENGLISH).reasons.items()},
    )
    ResponsibleParty = _of(
        "ResponsibleParty",
        "Whose turn it is.",
        {
            "shipper": "Who sends the goods.",
            "carrier": "Who carries them.",
            "consignee": "Who receives them.",
            "customs": "The authorities.",
            "nobody": "Nothing is left to do.",
        },
    )
    TransportMode = _of(
        "TransportMode",
        "How goods travel.",
        {"road": "By truck.", "parcel": "As parcels.", "ocean": "By ship.", "air": "By plane.", "rail": "By train."},
    )
    PaymentStatus = _of(
        "PaymentStatus",
        "How far an invoice is paid, as the ERP last said.",
        {
            "open": "Nothing was paid yet.",
            "partially_paid": "Part of it was paid.",
            "paid": "All of it was paid.",
            "overdue": "It is due and not paid.",
            "blocked": "It cannot be paid at the moment.",
            "cancelled": "It will not be asked for any more.",
        },
    )
    FreshnessState = _of(
        "FreshnessState",
        "Whether an answer can be taken for the present.",
        {
            "live": "As new as it gets.",
            "delayed": "Somewhat behind, or a source has fallen silent.",
            "stale": "Too far behind to be relied on.",
            "past": "Of another time, as asked for.",
        },
    )
    SourceState = _of(
        "SourceState",
        "Whether a source speaks as often as it should.",
        {"live": "It does.", "late": "It is overdue.", "silent": "It has fallen silent."},
    )
    ServedFrom = _of(
        "ServedFrom",
        "Which store answered.",
        {
            "memory": "This process's memory.",
            "redis": "The shared cache.",
            "postgres": "The database.",
            "upstream": "The system that owns it.",
            "log": "The log of events.",
        },
    )
    PartyRole = _of(
        "PartyRole",
        "What the bearer of the token is to the shipments.",
        {"bill_to": "Pays for them.", "ship_to": "Receives them, and is shown nothing of money."},
    )

described(
    Status,
    "What a customer is shown: the phase, or DELAYED while there is a problem under way.",
    {
        "planned": "Being prepared.",
        "tendered": "Offered to a carrier.",
        "accepted": "A carrier has confirmed.",
        "in_transit": "On its way.",
        "delayed": "On its way, with an open problem or later than promised.",
        "delivered": "Delivered.",
        "closed": "Over; `closedReason` says how it ended.",
    },
)
described(
    PhaseName,
    "How far it has come.",
    {
        "planned": "Being prepared.",
        "tendered": "Offered to a carrier.",
        "accepted": "A carrier has confirmed.",
        "in_transit": "On its way.",
        "delivered": "Delivered.",
        "closed": "Over.",
    },
    name="Phase",
)
described(
    ClosedReason,
    "How it ended.",
    {
        "completed": "Delivered and settled.",
        "cancelled": "Cancelled.",
        "returned": "Returned to the shipper.",
        "refused": "Refused and sent back.",
        "lost": "Lost.",
    },
)
described(
    ReferenceType,
    "The types of identifiers.",
    {one.value: meaning.words for one, meaning in REFERENCE_TYPES.items()},
)
