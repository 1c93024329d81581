"""JWTs of the issuer's own that are not for API calls: signed by its keys, read back by nobody else."""

from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from auth.issuer.key_ring import KeyRing
from auth.issuer.signing_key import ALGORITHM

TOKEN_CHARACTERS_MAX: Final = 8 * 1024


class _Header(msgspec.Struct):
    alg: str
    kid: str
    typ: str
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


def sign(keys: KeyRing, typ: str, claims: object) -> str:
    """A JWT of this type. The type is what keeps one kind of token from being taken for another (RFC 8725, 3.11)."""
    signing = keys.signer()
    header = {"alg": ALGORITHM, "kid": signing.kid, "typ": typ}
    return jws.serialize_compact(header, msgspec.json.encode(claims), signing.key, algorithms=[ALGORITHM])


async def payload_of(keys: KeyRing, typ: str, token: str) -> bytes | None:
    """What such a JWT says, if it is one, of this type and signed by a key of ours; else None, whatever was given."""
    if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
        return None
    try:
        header = msgspec.json.decode(urlsafe_b64decode(token.partition(".")[0].encode()), type=_Header)
        extended = header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET
        key = await keys.find(header.kid)
        if key is None or extended or (header.alg, header.typ) != (ALGORITHM, typ):
            return None
        return jws.deserialize_compact(token.encode(), key.key, algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError, RecursionError):
        return None
