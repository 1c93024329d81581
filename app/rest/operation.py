"""What is said of one REST operation; `operations.py` lists them all."""

from typing import Literal

import msgspec

OCTETS = "application/octet-stream"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path: who may, what it takes, what it answers, what it costs of the rate limit.

    `worded`: it holds words for customers, which come in the language asked for. `in_parts`: it can be asked for by ranges.
    `answer` None: bytes as they came from outside, of one of `media_types`, or with a `status` of 204 nothing. What costs
    other than 1 is told by its path without ids, or by the last part of its path: see `app.limits.Costs`.
    """

    id: str
    method: Literal["get", "post", "put", "delete"]
    path: str
    summary: str
    tag: str
    scope: str | None
    answer: type[msgspec.Struct] | None
    status: int = 200
    query: type[msgspec.Struct] | None = None
    conditional: bool = False
    worded: bool = False
    in_parts: bool = False
    media_types: tuple[str, ...] = (OCTETS,)
    body: Literal["events", "messages", "document"] | type[msgspec.Struct] | None = None
    refusals: tuple[int, ...] = ()
    cost: int = 1


READ = (400, 401, 403, 405, 500, 503)
READ_ONE = (400, 401, 403, 404, 405, 500, 503)
WRITE = (400, 401, 403, 404, 405, 413, 415, 500, 503)
DECIDE = (400, 401, 403, 404, 405, 409, 413, 415, 500, 503)
