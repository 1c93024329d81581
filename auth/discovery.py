"""What an issuer says of itself (RFC 8414, OpenID Connect Discovery 1.0)."""

from typing import Final, TypeVar

import httpx
import msgspec
from authlib.oauth2.rfc8414 import get_well_known_url  # type: ignore[import-untyped]  # Authlib ships no types

# What asking an issuer raises when it is away, broken, or says what cannot be believed.
ISSUER_FAILED: Final = (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError, TimeoutError)

_Shape = TypeVar("_Shape")


class Metadata(msgspec.Struct, frozen=True):
    """The parts of an issuer's metadata that a resource server acts on."""

    issuer: str
    jwks_uri: str | None = None
    introspection_endpoint: str | None = None


async def discover(issuer_url: str, http: httpx.AsyncClient) -> Metadata:
    """The metadata of an issuer, by either well-known address; one of `ISSUER_FAILED` otherwise."""
    try:
        metadata = await get_json(http, f"{issuer_url.rstrip('/')}/.well-known/openid-configuration", Metadata)
    except httpx.HTTPStatusError:
        metadata = await get_json(http, get_well_known_url(issuer_url, external=True), Metadata)
    # RFC 8414, section 3.3: otherwise one issuer could vouch for the tokens of another.
    if metadata.issuer != issuer_url:
        message = f"the metadata is of another issuer, {metadata.issuer!r}"
        raise ValueError(message)
    for url in (metadata.jwks_uri, metadata.introspection_endpoint):
        if url is not None and issuer_url.startswith("https://") and not url.startswith("https://"):
            message = f"the metadata names an address that is not https: {url!r}"
            raise ValueError(message)
    return metadata


async def get_json(http: httpx.AsyncClient, url: str, shape: type[_Shape]) -> _Shape:
    """The JSON document at an address, as this shape; redirects are not followed."""
    response = await http.get(url, follow_redirects=False)
    response.raise_for_status()
    return msgspec.json.decode(response.content, type=shape)
