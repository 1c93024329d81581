"""GraphQL over HTTP: from a request to what is asked, and in which media type it is answered."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from app.edge import Receive, Scope
from app.problems import Problem

BODY_BYTES_MAX: Final = 131_072
BODY_SECONDS: Final = 30.0
JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """A request's parameters (GraphQL over HTTP, section 5.1; unknown ones are passed over, as it says)."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None

    @property
    def sha256(self) -> str | None:
        """The document's hash, given as Apollo's clients or as the draft of persisted documents give it."""
        if self.document_id is not None:
            return self.document_id.removeprefix("sha256:")
        persisted = (self.extensions or {}).get("persistedQuery")
        found = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        return found if isinstance(found, str) else None


_DECODER = msgspec.json.Decoder(Asked)


async def asked_of(scope: Scope, receive: Receive) -> Asked:
    """What is asked. Raises a problem when that cannot be told."""
    if scope["method"] == "GET":
        return _from_query(scope["query_string"])
    if scope["method"] != "POST":
        raise Problem("method_not_allowed", "GraphQL takes GET and POST.", headers={"Allow": "GET, HEAD, POST"})
    media_type = scope["portal.named"].get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != JSON.encode():
        raise Problem("unsupported_media_type", f"Send {JSON}.", headers={"Accept": JSON})
    return _decoded(await _body(receive))


def media_type_of(named: Mapping[bytes, bytes]) -> str:
    """The media type to answer in: the newer one to clients that name it."""
    accepted = named.get(b"accept", b"*/*").decode("latin-1").lower()
    names = {one.partition(";")[0].strip() for one in accepted.split(",")}
    if GRAPHQL_JSON in names:
        return GRAPHQL_JSON
    if names & {JSON, "application/*", "*/*", ""}:
        return JSON
    raise Problem("not_acceptable", f"GraphQL answers in {GRAPHQL_JSON} or {JSON}.")


def _from_query(query_string: bytes) -> Asked:
    try:
        given = dict(parse_qsl(query_string.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=10))
        raw = {name: msgspec.Raw(given.pop(name).encode()) for name in ("variables", "extensions") if given.get(name)}
        text: dict[str, Any] = {name: value for name, value in given.items() if value}
        return _decoded(msgspec.json.encode(text | raw))
    except ValueError as error:
        raise Problem("malformed", f"The query string cannot be understood: {error}.") from None


def _decoded(body: bytes) -> Asked:
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise Problem("invalid_body", f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", f"The body is not JSON: {error}.") from None


async def _body(receive: Receive) -> bytes:
    """The whole body; one that is too long, broken off or endless is the sender's fault."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Problem("malformed", "The body was broken off.")
                body += message.get("body", b"")
                if len(body) > BODY_BYTES_MAX:
                    raise Problem("too_large", f"A GraphQL request may have {BODY_BYTES_MAX} bytes.")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise Problem("malformed", f"The body did not arrive within {BODY_SECONDS:.0f} seconds.") from None
