"""Before and after Authlib: reading what a request is about, and storing what became of it."""

from typing import Any

import msgspec

from auth.issuer.access_tokens import AccessTokens, TokenRules, own_access_token
from auth.issuer.exchange import card_of
from auth.issuer.families import (
    adopt,
    begin_family,
    find_refresh_token,
    rotate,
    spend_code,
    unspent_refresh_token,
)
from auth.issuer.held import Held, Presented
from auth.issuer.registered import OPENID, TOKEN_EXCHANGE
from auth.issuer.revocations import is_revoked, revoke_access_token, revoke_family
from auth.issuer.token_requests import TokenRequest
from auth.issuer.users import User, find_user
from auth.scopes import split
from projections.audit import Actor, AuditEntry, record
from projections.database import Connection


async def gather(connection: Connection, rules: TokenRules, request: TokenRequest, held: Held) -> None:
    """Read what an authenticated client's token request is about. A code is spent by it, whatever follows."""
    form, client_id = request.form, request.client.get_client_id()
    match request.payload.grant_type:
        case "authorization_code" if "code" in form:
            held.code = await spend_code(connection, form["code"], client_id)
            held.user = await _person(connection, held.code.username) if held.code else None
        case "refresh_token" if "refresh_token" in form:
            await _gather_refresh(connection, form["refresh_token"], held)
        case grant if grant == TOKEN_EXCHANGE:
            held.card = card_of(request, rules.issuer)
            claims = await own_access_token(rules, form.get("subject_token", ""))
            own = claims is not None and claims.client_id == client_id and claims.card is None
            if claims is not None and own and not await is_revoked(connection, claims):
                held.subject = claims


async def gather_presented(connection: Connection, rules: TokenRules, request: TokenRequest, held: Held) -> None:
    """Read the token that an authenticated client asks about."""
    client_id, token = request.client.get_client_id(), request.form["token"]
    claims = await own_access_token(rules, token)
    if claims is not None:
        held.presented = None if await is_revoked(connection, claims) else Presented(claims.client_id, access=claims)
        return
    refresh = await find_refresh_token(connection, token, client_id)
    held.presented = Presented(client_id, refresh=refresh) if refresh is not None else None


async def store_token(connection: Connection, held: Held, made: AccessTokens, token: dict[str, Any]) -> None:
    """Store what a token response was made of, so that it can be revoked and goes on."""
    kept = {"jti": made.jti, "exp": made.exp, "refresh_token": token.get("refresh_token")}
    if held.subject is not None:
        await adopt(connection, held.subject.jti, kept)
    elif held.code is not None and held.stored is not None:
        await begin_family(connection, held.code, held.stored.client.client_id, kept)
    elif held.refresh_token is not None:
        await rotate(connection, held.refresh_token, kept)


async def store_revocation(connection: Connection, presented: Presented) -> None:
    """Revoke a token; with a refresh token, all that followed from the same sign-in (RFC 7009, section 2.1)."""
    if presented.access is not None:
        await revoke_access_token(connection, presented.access)
    elif presented.refresh is not None:
        await revoke_family(connection, presented.refresh.family)
    await record(connection, [_revoked(presented)])


def _revoked(presented: Presented) -> AuditEntry:
    """By the client that presented it; a token is named by what it can be recognised by and not used with."""
    access, refresh = presented.access, presented.refresh
    target = f"token/{access.jti}" if access is not None else f"sign-in/{refresh.family}" if refresh is not None else ""
    tenant = access.tenant if access is not None else None
    return AuditEntry(Actor(presented.client_id, presented.client_id), "token.revoked", target, tenant=tenant)


async def _gather_refresh(connection: Connection, token: str, held: Held) -> None:
    assert held.stored is not None  # noqa: S101 - the client was authenticated
    client = held.stored.client
    found = await unspent_refresh_token(connection, token, client.client_id)
    user = await _person(connection, found.username) if found is not None else None
    if found is None or user is None:
        return
    # What the person or the client may do can have become less since.
    left = split(found.scope) & {*user.scopes, OPENID} & {*client.scopes, OPENID}
    if left and client.serves(user.tenant):
        held.user = user
        held.refresh_token = msgspec.structs.replace(found, scope=" ".join(sorted(left)))


async def _person(connection: Connection, username: str) -> User | None:
    stored = await find_user(connection, username)
    return stored.user if stored is not None else None
