"""Signs tokens for tests: good ones, and any way of bad."""

import base64
import json
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from auth.keys import StaticKeys, verification_keys
from auth.tokens import TokenVerifier

ISSUER = "https://issuer.example"
AUDIENCE = "https://portal.example"
NOW = 1_800_000_000

KEYS: dict[str, Key] = {
    "ES256": ECKey.generate_key("P-256", parameters={"kid": "ec"}),
    "RS256": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
    "EdDSA": OKPKey.generate_key("Ed25519", parameters={"kid": "okp"}),
}


class Clock:
    """A clock that tests turn."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def static_keys(*keys: Key) -> StaticKeys:
    return StaticKeys(verification_keys([key.as_dict(private=False) for key in keys or KEYS.values()]).values())


def verifier(clock: Any = None, **options: Any) -> TokenVerifier:
    keys = options.pop("keys", None) or static_keys()
    return TokenVerifier(keys, issuer=ISSUER, audience=AUDIENCE, clock=clock or Clock(), **options)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with these changed; a claim changed to None is left out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": NOW + 3600,
        "iat": NOW,
        "sub": "partner-app",
        "client_id": "partner-app",
        "scope": "shipments:read orders:read",
        "tenant": "acme",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def sign(payload: Any, *, alg: str = "ES256", key: Key | None = None, **header: Any) -> str:
    """A token of these claims (or raw bytes) by the key of the algorithm; a header changed to None is left out."""
    key = key or KEYS[alg]
    header = {"alg": alg, "typ": "at+jwt", "kid": key.kid} | header
    header = {name: value for name, value in header.items() if value is not None}
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    # The algorithm itself, not joserfc's front door, which would refuse to sign the bad tokens wanted here.
    signing_input = _segments(json.dumps(header).encode(), raw)
    return (signing_input + b"." + _segments(JWSRegistry.algorithms[alg].sign(signing_input, key))).decode()


def assemble(header: bytes, payload: bytes, signature: bytes = b"x") -> bytes:
    """A token of raw parts, unsigned."""
    return _segments(header, payload, signature)


def _segments(*parts: bytes) -> bytes:
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
