"""Who asks, and whether they may: the first thing every endpoint does."""

from collections.abc import Mapping
from typing import Any

from app.problems import Problem
from auth.errors import INSUFFICIENT
from auth.policy import require
from auth.principal import Principal
from auth.tokens import TokenVerifier


class Access:
    """Principals from requests. Raises the exceptions of `auth.errors`, which become problems."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self.verifier = verifier

    async def principal(self, authorization: bytes | None, scope: str) -> Principal:
        """The principal of an Authorization header, holding a scope."""
        principal = self.verifier.cached(authorization) if authorization else None
        if principal is None:
            principal = await self.verifier.authenticate(authorization)
        require(principal, scope)
        return principal

    async def bearer(self, authorization: bytes | None) -> Principal:
        """The principal of an Authorization header, with at least one customer account, whatever scopes it holds."""
        principal = self.verifier.cached(authorization) if authorization else None
        if principal is None:
            principal = await self.verifier.authenticate(authorization)
        require_account(principal)
        return principal

    async def reader(self, authorization: bytes | None, scope: str) -> Principal:
        """As `principal`, and naming at least one customer account to read for."""
        principal = await self.principal(authorization, scope)
        require_account(principal)
        return principal

    async def operator(self, authorization: bytes | None, scope: str) -> Principal:
        """As `principal`, and bound to no customer: what operators see is everybody's."""
        principal = await self.principal(authorization, scope)
        if principal.accounts:
            raise Problem("not_an_operator", "This token speaks for a customer; operators belong to none.")
        return principal


def require_account(principal: Principal) -> None:
    """Raise a problem unless there is a customer to read for."""
    if not principal.accounts:
        detail = "This token speaks for no customer, so there is nothing it could be shown."
        raise Problem("no_account", detail, headers={"WWW-Authenticate": INSUFFICIENT})


def authorization_of(scope: Mapping[str, Any]) -> bytes | None:
    """The raw Authorization header; a request with two is taken as one without: see `app.edge.named_headers`."""
    return scope["portal.named"].get(b"authorization") or None
