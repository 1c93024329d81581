"""What shipments and orders share."""

import strawberry

from app.graphql.types.enums import (
    FreshnessState,
    ReasonCode,
    ResponsibleParty,
    ServedFrom,
    SourceState,
)
from app.graphql.types.fields import plain
from app.graphql.types.scalars import DateTime, Decimal
from projections.references import ReferenceType


@strawberry.interface(description="What has a global id. `node` leads back to it.")
class Node:
    id: strawberry.ID = plain("The public id: the same over REST, and for good.")


@strawberry.type(description="Where something is or happens.")
class Place:
    name: str | None = plain("What the place is called.")
    city: str | None = plain("The city.")
    region: str | None = plain("The state or region.")
    country: str | None = plain("ISO 3166-1 alpha-2.")
    postal_code: str | None = plain("The postal code.")
    code: str | None = plain("A UN/LOCODE or a GLN, where known.")


@strawberry.type(description="A carrier.")
class Carrier:
    scac: str = plain("Carrier code (NMFTA SCAC or our own).")
    name: str | None = plain("What the carrier is called.")


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = plain("The exact amount.")
    currency: str = plain("ISO 4217.")


@strawberry.type(description="An identifier: what its owner calls the thing.")
class Reference:
    type: ReferenceType = plain("What kind of identifier it is.")
    value: str = plain("As it is printed on the paper.")
    carrier: str | None = plain("Whose number it is, where it is unique per carrier (SCAC).")


@strawberry.type(description="Why the status is what it is, in customers' words.")
class Reason:
    code: ReasonCode = plain("For programs.")
    text: str = plain("For people.")
    action_required: str | None = plain("What you should do, if anything.")
    responsible_party: ResponsibleParty = plain("Whose turn it is.")


@strawberry.type(description="A source that contributed.")
class SourceFreshness:
    source: str = plain("Which system.")
    heard_at: DateTime | None = plain("When it was last understood; null: not known here yet.")
    state: SourceState | None = plain("Whether it speaks as often as it should.")
    watermark: DateTime | None = plain("Up to when it is known to be well: what it had to say until then is here.")


@strawberry.type(description="How fresh an answer is: everything accepted before `asOf` is in it.")
class Freshness:
    state: FreshnessState = plain("Whether it can be taken for the present.")
    as_of: DateTime = plain("Up to when it is complete.")
    lag_seconds: float = plain("How long ago that was.")
    sources: list[SourceFreshness] = plain("The systems that contributed.")
    served_from: ServedFrom = plain("Which store answered.")
    position: str | None = plain(
        "Send it back as the header `Portal-Min-Position`, and no answer is older than this one."
    )


@strawberry.type(description="A freight charge as posted.")
class Charge:
    charge: str = plain("Its source's id of it.")
    kind: str = plain("What it is for.")
    money: Money = plain("How much it is.")
    posted_at: DateTime = plain("When it was posted.")
