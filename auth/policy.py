"""What a principal may do and see. Pure: no I/O, the same answer through every door."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from auth.errors import Forbidden, WrongParty
from auth.principal import PartyRole, Principal
from projections.sections import SECTIONS


class Guard(msgspec.Struct, frozen=True):
    """What it takes to see a section of a document: a scope, and to be one of these parties to the shipment."""

    scope: str
    party_roles: frozenset[PartyRole]


_EITHER: Final[frozenset[PartyRole]] = frozenset({"bill_to", "ship_to"})
# Who only receives goods is not shown what they cost to bring.
_BILL_TO: Final[frozenset[PartyRole]] = frozenset({"bill_to"})

GUARDS: Final[Mapping[str, Guard]] = MappingProxyType(
    {
        "documents": Guard("documents:read", _EITHER),
        "charges": Guard("charges:read", _BILL_TO),
        "invoices": Guard("invoices:read", _BILL_TO),
    }
)
EVERY_SECTION: Final = frozenset(SECTIONS)
CARD_SCOPE: Final = "cards:read"


def require(principal: Principal, scope: str) -> None:
    """Raise `Forbidden`, naming the scope, unless the principal holds it.

    A token for one card holds none in this sense: it lies open in other people's pages.
    """
    if principal.card is not None or scope not in principal.scopes:
        raise Forbidden(scope)


def may_see_card(principal: Principal, shipment_id: str) -> bool:
    """Whether this shipment's card may be looked for: with a token for one card, that one's alone.

    Raises `Forbidden` without the scope.
    """
    if CARD_SCOPE not in principal.scopes:
        raise Forbidden(CARD_SCOPE)
    return principal.card is None or principal.card == shipment_id


def require_section(principal: Principal, name: str) -> None:
    """Raise `Forbidden` or `WrongParty` unless the principal may see this guarded section, wherever it stands."""
    guard = GUARDS[name]
    require(principal, guard.scope)
    if principal.party_role not in guard.party_roles:
        raise WrongParty


def may_speak_for(principal: Principal, source: str) -> bool:
    """Whether the principal may publish events of this source, say "/erp/main"."""
    return any(source.startswith(prefix) for prefix in principal.sources)


def visible_sections(principal: Principal) -> frozenset[str]:
    """The guarded sections the principal may see; `EVERY_SECTION` itself when that is all of them."""
    return _visible(principal.scopes, principal.party_role)


@lru_cache(maxsize=1_000)
def _visible(scopes: frozenset[str], party_role: PartyRole) -> frozenset[str]:
    visible = frozenset(
        name for name, guard in GUARDS.items() if guard.scope in scopes and party_role in guard.party_roles
    )
    return EVERY_SECTION if visible == EVERY_SECTION else visible
