"""Where a request came from, and what counts as one place to come from. Pure."""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

# What one line is given: who has one address of it has all of them.
_IPV6_PREFIX: Final = 64


def client_address(scope: Mapping[str, Any], proxies: int) -> str:
    """The address an ASGI request came from, as the outermost of so many proxies of ours saw it.

    What stands further left in X-Forwarded-For was written by whoever asks.
    """
    peer = (scope.get("client") or ("",))[0]
    said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for") if proxies else b""
    chain = [*(one.strip() for one in said.decode("latin-1").split(",")), peer] if said else [peer]
    return str(chain[max(0, len(chain) - 1 - proxies)])


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64; what is no address stands for itself."""
    if ":" not in address:
        return address
    try:
        known = ipaddress.IPv6Address(address)
        return str(known.ipv4_mapped or ipaddress.ip_network((known, _IPV6_PREFIX), strict=False))
    except ValueError:
        return address
