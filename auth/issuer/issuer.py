"""The embedded issuer as the rest of the product sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from authlib.oauth2.rfc6749 import OAuth2Error  # type: ignore[import-untyped]  # Authlib ships no types

from auth.issuer.access_tokens import TokenRules
from auth.issuer.assertions import is_proof
from auth.issuer.authorization import Authorization
from auth.issuer.card_tokens import CardToken, exchanged
from auth.issuer.clients import find_client
from auth.issuer.gathering import gather, gather_presented, store_revocation, store_token
from auth.issuer.held import Held
from auth.issuer.id_tokens import id_token
from auth.issuer.key_ring import KeyRing
from auth.issuer.metadata import metadata_of
from auth.issuer.registered import OPENID
from auth.issuer.server import Answer, TokenServer
from auth.issuer.statements import SQL
from auth.issuer.token_requests import HttpRequest, TokenRequest, read_token_request
from auth.scopes import split
from projections.database import DATABASE_UNAVAILABLE, Connection, Pool
from projections.pausing import pause

LIFETIME_SECONDS: Final = 3600
SWEEP_SECONDS: Final = 600.0
# Spent codes are kept this long past their end, to recognise a second use.
_CODES_KEPT: Final = timedelta(days=1)

_log = structlog.get_logger(__name__)
_Answering = Callable[[Connection, TokenRequest, Held, TokenServer], Awaitable[Answer]]


class Issuer:
    """Issues access tokens for one audience under one public address.

    `url` is the issuer identifier: https, or http on a loopback address (RFC 8414, section 2); anything else raises
    ValueError. `keys` is also what verifies its tokens.
    """

    def __init__(
        self,
        *,
        url: str,
        audience: str,
        keys: KeyRing,
        database: Pool,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self.token_url = f"{self.url}/oauth/token"
        self.metadata = metadata_of(self.url)
        self.keys = keys
        self._database = database
        self._rules = TokenRules(self.url, audience, keys, lifetime_seconds)
        self.authorization = Authorization(self._rules, database)

    def jwks(self) -> dict[str, Any]:
        """The public keys, as of now."""
        return self.keys.jwks()

    async def token(self, http: HttpRequest) -> Answer:
        """A token, or the error of RFC 6749, section 5.2; never raises for what a client sent."""
        return await self._answer(http, "token", ("grant_type",), self._issue)

    async def revoke(self, http: HttpRequest) -> Answer:
        """Have a token not count any more (RFC 7009)."""
        return await self._answer(http, "revocation", ("token",), self._revoke)

    async def introspect(self, http: HttpRequest) -> Answer:
        """What a token is worth (RFC 7662)."""
        return await self._answer(http, "introspection", ("token",), self._introspect)

    async def card_token(self, token: str, card: str, ttl_seconds: int) -> CardToken | None:
        """A token for a shipment's card, from an access token for all; None when that one does not count any more."""
        async with self._database.acquire() as connection, connection.transaction():
            return await exchanged(connection, self._rules, token, card, ttl_seconds)

    async def sweep(self, stop: asyncio.Event) -> None:
        """Delete what has expired, every now and then, until told to stop. Any number of processes may."""
        while not stop.is_set():
            try:
                await self._database.execute(SQL["sweep"], _CODES_KEPT)
            except DATABASE_UNAVAILABLE as error:
                _log.warning("issuer_not_swept", error=repr(error))
            await pause(stop, SWEEP_SECONDS)

    async def _answer(
        self, http: HttpRequest, endpoint: str, required: tuple[str, ...], answering: _Answering
    ) -> Answer:
        """Read the request, prove its client, and answer it, in one transaction."""
        held = Held()
        try:
            request = read_token_request(http, self.token_url, *required)
            client_id = request.named_client_id
            async with self._database.acquire() as connection, connection.transaction():
                held.stored = await find_client(connection, client_id) if client_id else None
                await self._prove(connection, request, held)
                server = TokenServer(self._rules, held)
                server.authenticate(request, endpoint)
                return await answering(connection, request, held, server)
        except OAuth2Error as error:
            return TokenServer(self._rules, held).handle_error_response(None, error)

    async def _prove(self, connection: Connection, request: TokenRequest, held: Held) -> None:
        if request.assertion is not None and held.stored is not None:
            # By the letter of RFC 7523 the token endpoint; by today's advice the issuer. Both mean us.
            audiences = (self.url, self.token_url)
            held.has_proof = await is_proof(connection, held.stored, request.assertion, audiences)

    async def _issue(self, connection: Connection, request: TokenRequest, held: Held, server: TokenServer) -> Answer:
        await gather(connection, self._rules, request, held)
        answer: Answer = server.create_token_response(request)
        if "access_token" in answer.content:
            self._add_id_token(answer.content, held)
            await store_token(connection, held, server.access_tokens, answer.content)
        return answer

    async def _revoke(self, connection: Connection, request: TokenRequest, held: Held, server: TokenServer) -> Answer:
        await gather_presented(connection, self._rules, request, held)
        answer: Answer = server.create_endpoint_response("revocation", request)
        if held.is_to_revoke and held.presented is not None:
            await store_revocation(connection, held.presented)
        return answer

    async def _introspect(
        self, connection: Connection, request: TokenRequest, held: Held, server: TokenServer
    ) -> Answer:
        await gather_presented(connection, self._rules, request, held)
        answer: Answer = server.create_endpoint_response("introspection", request)
        return answer

    def _add_id_token(self, token: dict[str, Any], held: Held) -> None:
        asked = held.code is not None and OPENID in split(held.code.scope)
        if asked and held.code is not None and held.user is not None and held.stored is not None:
            token["id_token"] = id_token(self._rules, held.stored.client.client_id, held.code, held.user)
