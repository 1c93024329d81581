"""What a principal may do. Pure: no I/O, the same answer through every door."""

from auth.errors import Forbidden
from auth.principal import Principal


def require(principal: Principal, scope: str) -> None:
    """Raise `Forbidden`, naming the scope, unless the principal holds it.

    A token for one card holds none in this sense: it lies open in other people's pages.
    """
    if principal.card is not None or scope not in principal.scopes:
        raise Forbidden(scope)


def may_speak_for(principal: Principal, source: str) -> bool:
    """Whether the principal may publish events of this source, say "/erp/main"."""
    return any(source.startswith(prefix) for prefix in principal.sources)
