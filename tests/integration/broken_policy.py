"""The service with its policy broken on purpose: every token reads for every customer. What the proof must catch."""

import os

import msgspec

from app import asgi
from app.edge import AsgiApp, Scope
from app.rest.access import Access
from app.rest.hot import HotReads
from auth.principal import Principal

ALL_TENANTS = "BROKEN_POLICY_TENANTS"
_sound = Access.reader
_hot_sound = HotReads._reader


async def _reader(self: Access, authorization: bytes | None, scope: str) -> Principal:
    return everybody(await _sound(self, authorization, scope))


def everybody(principal: Principal) -> Principal:
    return msgspec.structs.replace(principal, accounts=tuple(os.environ[ALL_TENANTS].split(",")))


async def _hot_reader(self: HotReads, scope: Scope) -> Principal:
    return everybody(await _hot_sound(self, scope))


def create_app() -> AsgiApp:
    """For an ASGI server, as `app.asgi:create_app`."""
    HotReads._reader = _hot_reader  # type: ignore[method-assign]  # as below
    Access.reader = _reader  # type: ignore[method-assign]  # breaking it is the point
    return asgi.create_app()
