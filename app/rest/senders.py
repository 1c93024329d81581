"""Who sends messages in: a client with its token, or a declared source that proves itself."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request

from app.problems import Problem
from app.rest.access import Access, authorization_of
from app.rest.bodies import body_of
from auth.errors import REALM, Unauthorized
from auth.policy import may_speak_for
from auth.principal import Principal
from projections.sources.declared import DeclaredSource
from projections.sources.signature import Proof, Signature, SignedBody

AnyRequest = Request[Any, Any, Any]
SCOPE = "events:write"


class Sender(msgspec.Struct, frozen=True):
    """Who it is, by a name of its own, and for which sources and tenants it may speak, as `Message` says."""

    name: str
    sources: tuple[str, ...]
    tenants: tuple[str, ...]


def client(principal: Principal) -> Sender:
    """The sender a token's bearer is."""
    return Sender(f"client {principal.client_id}", principal.sources, principal.accounts)


class Senders:
    """The senders of declared sources' messages.

    Whatever does not fit is answered alike, whether the source has another signature, none, or does not exist: nobody
    learns from a refusal which sources there are.
    """

    def __init__(self, access: Access, sources: Mapping[str, DeclaredSource], proofs: Mapping[str, Proof]) -> None:
        self._access = access
        self._sources = sources
        self._proofs = proofs
        self._headers = {proof.header for proof in proofs.values()}
        self._nobodys = SignedBody(Signature("X-Signature"), (secrets.token_bytes(32),))

    async def sender(self, request: AnyRequest, key: str) -> tuple[DeclaredSource, Sender]:
        """The source declared under this key and who sends for it. Raises what the request is refused with."""
        one, refusal = self._sources.get(key), None
        if any(header in request.headers for header in self._headers):
            refusal = await _refusal(self._proofs.get(key, self._nobodys), request)
            if refusal is None and one is not None:
                # Declared for one customer, it speaks of no other.
                return one, Sender(f"source {key}", (one.name,), (one.tenant,) if one.tenant else ())
        return await self._client(request, one, refusal)

    async def _client(
        self, request: AnyRequest, one: DeclaredSource | None, refusal: str | None
    ) -> tuple[DeclaredSource, Sender]:
        authorization = authorization_of(request.scope)
        if authorization is None:
            raise _unproved(refusal)
        principal = await self._access.principal(authorization, SCOPE)
        if one is None or not may_speak_for(principal, one.name):
            raise Problem("not_found", "No source is declared under this key that this token may speak for.")
        return one, client(principal)


async def _refusal(proof: Proof, request: AnyRequest) -> str | None:
    body = await body_of(request)

    def header_of(name: str) -> str | None:
        values = request.headers.getall(name, [])
        return ", ".join(values) if values else None

    return proof.refusal(header_of, body, time.time())


def _unproved(refusal: str | None) -> Exception:
    if refusal is None:
        words = f"Send an access token with {SCOPE}, or the signature or key this source was declared with."
        return Unauthorized("missing_token", words)
    return Problem("unproved_sender", refusal, headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'})
