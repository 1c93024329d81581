"""What is wrong now, across shipments."""

import strawberry

from app.graphql.types.enums import ReasonCode, ResponsibleParty
from app.graphql.types.fields import hop, plain
from app.graphql.types.scalars import DateTime
from app.graphql.types.shipment import Shipment


@strawberry.type(description="A problem or a delay that stands: why, and whose turn it is.")
class OpenException:
    code: ReasonCode = plain("What is wrong, for programs.")
    text: str = plain("What is wrong, for people.")
    action_required: str | None = plain("What you should do, if anything.")
    responsible_party: ResponsibleParty = plain("Whose turn it is.")
    raised_at: DateTime = plain("Since when; of a delay without a reported reason, when its ETA was said.")
    shipment_id: strawberry.ID = plain("The shipment it is wrong with.")
    shipment: Shipment | None = hop(
        "shipment", "shipment_id", "The shipment itself; null when it was withdrawn just now."
    )
