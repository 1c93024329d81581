"""What the issuer's stores need of asyncpg; a pool and a connection both fit."""

from collections.abc import Mapping
from typing import Any, Protocol


class Database(Protocol):
    """Runs one statement; its role must be `portal_issuer`, which alone may see the schema `issuer`."""

    async def fetchrow(self, query: str, /, *args: object) -> Mapping[str, Any] | None: ...

    async def execute(self, query: str, /, *args: object) -> str: ...
