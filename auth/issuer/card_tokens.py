"""A token for one card, made from the access token of who asks for it: the exchange of `exchange.py` without a client.

It is the same token: minutes long, never longer than the one it was made from, gone with the sign-in that one is of.
"""

import time
from typing import Annotated, Literal

import msgspec

from auth.claims import Claims
from auth.issuer.access_tokens import CARD_SECONDS, TYP, TokenRules, own_access_token, tenancy_claims
from auth.issuer.families import adopt, new_secret
from auth.issuer.revocations import is_revoked
from auth.issuer.signed import sign
from auth.policy import CARD_SCOPE
from auth.scopes import split
from projections.database import Connection


class CardToken(msgspec.Struct, frozen=True):
    """The token response of RFC 6749, section 5.1."""

    access_token: str
    expires_in: Annotated[int, msgspec.Meta(description="Seconds.")]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type's name
    scope: str = CARD_SCOPE


async def exchanged(
    connection: Connection, rules: TokenRules, token: str, card: str, ttl_seconds: int
) -> CardToken | None:
    """The token for a card; None when the one it is to be made from is none of ours, does not count or may not."""
    subject = await own_access_token(rules, token)
    if subject is None or subject.card is not None or CARD_SCOPE not in split(subject.scope):
        return None
    if await is_revoked(connection, subject):
        return None
    now = int(time.time())
    lifetime_seconds = max(1, min(ttl_seconds, CARD_SECONDS, int(subject.exp) - now))
    claims = _claims(rules, subject, card) | {"iat": now, "exp": now + lifetime_seconds}
    await adopt(connection, subject.jti, claims)
    return CardToken(sign(rules.keys, TYP, claims), lifetime_seconds)


def _claims(rules: TokenRules, subject: Claims, card: str) -> dict[str, object]:
    own = {"iss": rules.issuer, "aud": rules.audience, "sub": subject.sub, "client_id": subject.client_id}
    return own | tenancy_claims(subject) | {"scope": CARD_SCOPE, "card": card, "jti": new_secret()}
