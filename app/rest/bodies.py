"""Request bodies that come slowly, or not whole."""

import asyncio
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from app.problems import Problem

BODY_SECONDS = 30.0


async def body_of(request: Request[Any, Any, Any]) -> bytes:
    """The whole body; one that is broken off, malformed in its transfer or endless is the sender's fault."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body()
    except TimeoutError:
        raise Problem("malformed", f"The body did not arrive within {BODY_SECONDS:.0f} seconds.") from None
    except InternalServerException:
        # What Litestar makes of a client that is gone, or of a transfer coding it cannot read.
        raise Problem("malformed", "The body was broken off.") from None
