"""The shapes of provenance: what customers read, field by field."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

Why: TypeAlias = Annotated[
    Literal[
        "lower_authority",
        "older",
        "late",
        "tie",
        "superseded_report",
        "duplicate_report",
        "retracted",
        "repeated",
        "later",
        "outweighed",
        "declined",
    ],
    msgspec.Meta(
        description="`lower_authority`: its source's word weighs less. `older`: it happened before. `late`: so too, and"
        " was told after. `tie`: equal in both; source and id decide. `superseded_report`: its source has mended the"
        " report. `duplicate_report`: another report of the same happening counts. `retracted`: its source took it"
        " back. `repeated`: it says what was said before. `later`: the first counts. `outweighed`: another kind of"
        " word counts for more, as a tender's carrier for more than the plan's. `declined`: the carrier did not want it."
    ),
]


class Rule(msgspec.Struct, frozen=True):
    """Why the source may say it, how much its word weighs, and from what it was put into our words.

    `rank` 1 is the highest of `ranks`. `format` is the one the source is declared with now, null when it sends events
    as we define them. `raw_code` is the source's own, kept where it has more to say than `code`.
    """

    role: str
    rank: int
    ranks: int
    format: str | None
    raw_code: str | None
    code: str | None
    tz_source: str | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event. `event_key` stands for source and id; the id is null when it was said of a load, which others share.

    It happened at `occurred_at`, was accepted at `recorded_at`, and at `folded_at` first was in what you were shown;
    null: it has not been in it yet.
    """

    event_id: str | None
    event_key: str
    event_type: str
    source: str
    occurred_at: datetime
    recorded_at: datetime
    folded_at: datetime | None
    rule: Rule


class Lost(msgspec.Struct, frozen=True):
    """An event that spoke of the field too, and does not count."""

    why: Why
    said: Said


class FieldProvenance(msgspec.Struct, frozen=True, kw_only=True):
    """A field that has a value. `field`: a JSON Pointer into the shipment, or the name of a fact it shows only in part.

    `said` is the event the value is from. What is derived has `derived_from` instead: the fields it follows from;
    empty where those are not for you to see. `lost` has the latest, `lost_count` says how many there are.
    """

    field: str
    value: msgspec.Raw
    said: Said | None
    derived_from: tuple[str, ...]
    lost: tuple[Lost, ...]
    lost_count: int
