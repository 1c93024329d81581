"""Who asks: the one value every read, write and limit is decided by."""

from typing import Annotated, Final, Literal

import msgspec

# `\Z`, not `$`, which would let a trailing newline into a cache key. The alphabet is that of `projections.values.Code`.
TenantName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_.:/\-]+\Z")]
# Both slashes: without the last one "/erp" would also speak for "/erp-of-somebody-else".
SourcePrefix = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A/([A-Za-z0-9_.:\-]+/)*\Z")]
PartyRole = Literal["bill_to", "ship_to"]
# What a bearer is taken for of whom nothing else is said.
BILL_TO: Final = "bill_to"


# The public id of a shipment.
CardSubject = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9_]+\Z")]


class Principal(msgspec.Struct, frozen=True, gc=False):
    """What a verified token says of its bearer; nothing in it comes from the request.

    `tenant` is the first of `accounts`, and None for operators and sources, who own no customer's data.
    A parent distributor has several `accounts`. `sources` are the prefixes of event sources the bearer may
    speak for, "/" being all of them. `party_role` is what the bearer is to the accounts' shipments: who pays for
    them, or who only receives them. With a `card`, the bearer may see the card of that one shipment and nothing
    else, whatever its scopes. Until `expires_at` the token may be believed without asking anybody again;
    `token_id` is its `jti` and `key_id` that of the key it was proved by, each empty when there is none. Times are
    unix seconds.
    """

    subject: str
    client_id: str
    tenant: str | None
    accounts: tuple[str, ...]
    scopes: frozenset[str]
    expires_at: int
    sources: tuple[str, ...] = ()
    party_role: PartyRole = "bill_to"
    card: str | None = None
    token_id: str = ""
    issued_at: float = 0.0
    key_id: str = ""
