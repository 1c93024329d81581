"""The service with its policy broken on purpose: every token reads for every customer. What the proof must catch."""

import os

import msgspec

from app import asgi
from app.edge import AsgiApp
from app.rest.access import Access
from auth.principal import Principal

ALL_TENANTS = "BROKEN_POLICY_TENANTS"
_sound = Access.reader


async def _reader(self: Access, authorization: bytes | None, scope: str) -> Principal:
    principal = await _sound(self, authorization, scope)
    return msgspec.structs.replace(principal, accounts=tuple(os.environ[ALL_TENANTS].split(",")))


def create_app() -> AsgiApp:
    """For an ASGI server, as `app.asgi:create_app`."""
    Access.reader = _reader  # type: ignore[method-assign]  # breaking it is the point
    return asgi.create_app()
