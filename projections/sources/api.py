"""A source that can be asked: where its REST API is, what it has, and how patient to be with it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec

from projections.ownership import Role, role_of

_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Api(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token_env` names the environment variable that holds the bearer token; a token itself is in no file of ours.

    `attempts`, `timeout_seconds` and `backoff_seconds` are of one question; see `app.upstream.policy`.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$(?!\n)")]
    kind: Literal["invoices", "shipments"]
    token_env: Annotated[str, msgspec.Meta(pattern=r"^(?!PORTAL_)[A-Z][A-Z0-9_]*$(?!\n)")] | None = None
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200
    attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=300)] = 10.0
    backoff_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.5

    def token(self, environ: Mapping[str, str]) -> str | None:
        """The token, None when none is declared. Raises KeyError naming the variable when it is not set."""
        return environ[self.token_env] if self.token_env else None


OWNERS = {"invoices": Role.ERP, "shipments": Role.TMS}


def api_problems(name: str, api: Api) -> Iterator[str]:
    """What is wrong with the API of the source of this name."""
    if role_of(name) is not OWNERS[api.kind]:
        yield f"api: {api.kind} are the {OWNERS[api.kind]}'s to say, and {name} is not one"
    if api.token_env and api.url.startswith("http://") and not api.url.startswith(_LOOPBACK):
        yield "api: a token goes over https only"
