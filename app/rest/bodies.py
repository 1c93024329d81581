"""Request bodies: those that come slowly or not whole, and those that are JSON of a known shape."""

import asyncio
import re
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from app.problems import Problem, ProblemError

T = TypeVar("T", bound=msgspec.Struct)
BODY_SECONDS = 30.0
JSON = "application/json"


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


async def json_of(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """The body as a struct. Raises a problem that says where it is wrong."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Problem("unsupported_media_type", f"Send {JSON}.", headers={"Accept": JSON})
    body = await body_of(request)
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `$")
        pointer = re.sub(r"[.\[]", "/", path.rstrip("`")).replace("]", "")
        wrong = ProblemError(pointer, "invalid_body", words)
        raise Problem("invalid_body", f"{words}.", errors=(wrong,)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", f"The body is not JSON: {error}.") from None
