"""Which keys may have signed a token: a key and the one algorithm it is for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

RSA_BITS_MIN: Final = 2048  # RFC 7518, section 3.3
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")


class VerificationKey(msgspec.Struct, frozen=True):
    """A public key bound to its algorithm, so that a token's header cannot choose how it is verified."""

    kid: str
    algorithm: str
    key: Key


Withdrawn = Callable[[frozenset[str]], None]


class KeySource(Protocol):
    """Where the issuer's public keys come from."""

    async def find(self, kid: str | None) -> VerificationKey | None:
        """The key of this id, or the only key there is when the token names none.

        Raises `IssuerUnavailable` when the issuer would have to be asked and does not answer.
        """
        ...

    def on_withdrawn(self, hear: Withdrawn) -> None:
        """Have this called with the ids of keys that stop counting before their time, as soon as it is known."""
        ...


class StaticKeys:
    """A fixed set of public keys: those of the embedded issuer, known without asking."""

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        self._by_kid = {key.kid: key for key in keys}

    async def find(self, kid: str | None) -> VerificationKey | None:
        return pick(self._by_kid, kid)

    def on_withdrawn(self, hear: Withdrawn) -> None:
        """None ever is."""


class Withdrawals:
    """Tells those who asked to know what one set of keys had and the next has not."""

    def __init__(self) -> None:
        self._hearing: list[Withdrawn] = []

    def tell_also(self, hear: Withdrawn) -> None:
        self._hearing.append(hear)

    def tell(self, before: Mapping[str, VerificationKey], after: Mapping[str, VerificationKey]) -> None:
        gone = frozenset(kid for kid, key in before.items() if not _is_same(key, after.get(kid)))
        for hear in self._hearing if gone else ():
            hear(gone)


def _is_same(key: VerificationKey, other: VerificationKey | None) -> bool:
    """An id may be given to another key, and then tells nothing."""
    return other is not None and (key.algorithm, key.key.thumbprint()) == (other.algorithm, other.key.thumbprint())


def pick(by_kid: dict[str, VerificationKey], kid: str | None) -> VerificationKey | None:
    """The key of this id; without an id, the only key, for trying several would invite confusion."""
    if kid is None:
        return next(iter(by_kid.values())) if len(by_kid) == 1 else None
    return by_kid.get(kid)


def verification_keys(jwks: Sequence[dict[str, Any]]) -> dict[str, VerificationKey]:
    """The usable keys of a JWK Set by id; the others are passed over, as RFC 7517, section 5 asks."""
    usable = (_verification_key(jwk) for jwk in jwks)
    return {key.kid: key for key in usable if key is not None}


def _verification_key(jwk: dict[str, Any]) -> VerificationKey | None:
    # Symmetric keys never enter: with one, the public half of an RSA key could be made to verify an HMAC.
    if jwk.get("kty") not in ("RSA", "EC", "OKP") or jwk.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(_without_private_parts(jwk))
        key.ensure_kid()
        algorithm = _algorithm_of(key)
    except (JoseError, ValueError, TypeError, KeyError):
        # A key that cannot be read must not take the good ones beside it down.
        return None
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or key.kid is None:
        return None
    return VerificationKey(key.kid, algorithm, key)


def _without_private_parts(jwk: dict[str, Any]) -> dict[str, Any]:
    # `key_ops` of a private key would forbid verifying with the public half.
    return {
        name: value for name, value in jwk.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth", "key_ops"}
    }


def _algorithm_of(key: Key) -> str | None:
    if isinstance(key, RSAKey):
        return "RS256" if key.public_key.key_size >= RSA_BITS_MIN else None
    if isinstance(key, ECKey):
        return "ES256" if key.curve_name == "P-256" else None
    if isinstance(key, OKPKey):
        return "EdDSA" if key.curve_name == "Ed25519" else None
    return None
