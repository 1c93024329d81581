"""Who asks."""

import strawberry

from app.graphql.types.enums import PartyRole
from app.graphql.types.fields import plain


@strawberry.type(description="Who the token speaks for, and what it allows.")
class Viewer:
    client_id: str = plain("The client the token was given to.")
    subject: str = plain("Who it was given for.")
    tenant: str = plain("The first of the accounts.")
    accounts: list[str] = plain("The customers' accounts whose data is shown.")
    scopes: list[str] = plain("What it allows.")
    party_role: PartyRole = plain("What the bearer is to the shipments.")
