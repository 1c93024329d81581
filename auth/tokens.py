"""From an access token to the principal it speaks for (RFC 9068), paid once per token."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from auth.bearer import bearer_token
from auth.claims import judge, principal_of, read_claims, read_header
from auth.errors import Unauthorized
from auth.introspection import Introspection
from auth.keys import KeySource, VerificationKey
from auth.pinned import PINNED, TOKEN_BYTES_MAX
from auth.principal import Principal
from auth.revocation.revoked import Revoked

LEEWAY_SECONDS: Final = 30
CACHED_TOKENS_MAX: Final = 50_000
JWT_DOTS: Final = 2


class TokenVerifier:
    """Verifies tokens of one issuer for one audience and remembers what it verified.

    A JWT is proved by the issuer's keys. Any other token the issuer is asked about, if `introspection` is given; what
    it says counts for a second at most. A token that is `revoked` is refused, and forgotten by `forget_revoked`. Those
    that a key has proved are forgotten with the key.

    Remembered tokens are keyed by the whole Authorization header, not a digest: a dict hashes bytes faster than
    SHA-256 does, and compares all of them, so that two tokens cannot be taken for each other. It holds about
    1 kB a token. A remembered token is believed until its `exp`, without the leeway.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str,
        introspection: Introspection | None = None,
        revoked: Revoked | None = None,
        cached_tokens_max: int = CACHED_TOKENS_MAX,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._introspection = introspection
        self._revoked = revoked or Revoked()
        self._cached_tokens_max = cached_tokens_max
        self._clock = clock
        self._verified: OrderedDict[bytes, Principal] = OrderedDict()
        keys.on_withdrawn(self._forget_proved_by)

    def cached(self, authorization_header: bytes) -> Principal | None:
        """The principal of a header verified before and not expired since; never raises, never waits.

        For the hot path: one lookup and one comparison. None means "ask `authenticate`", not "refused".
        """
        principal = self._verified.get(authorization_header)
        if principal is not None and principal.expires_at > self._clock():
            return principal
        return None

    async def authenticate(self, authorization_header: bytes | None) -> Principal:
        """The principal of a raw Authorization header; `Unauthorized` when there is none to believe."""
        return await self.verify(bearer_token(authorization_header))

    async def verify(self, token: str | bytes) -> Principal:
        """The principal of a token.

        Whatever the bytes, the only errors are `Unauthorized` and, when the issuer would have to be asked and
        does not answer, `IssuerUnavailable`.
        """
        raw = _bounded(token)
        header = b"Bearer " + raw
        principal = self.cached(header)
        if principal is None:
            principal = await self._verify(raw)
            # Asked last, with nothing awaited before it is remembered: a revocation heard meanwhile counts. Nor is
            # anything awaited since its key was found, so that no key can have been withdrawn meanwhile.
            if self._revoked.covers(principal):
                raise Unauthorized("invalid_token", "The token has been revoked.")
            self._remember(header, principal)
        return principal

    def forget_revoked(self) -> None:
        """Let go of remembered tokens that have been revoked, so that `cached` need not ask."""
        self._forget(self._revoked.covers)

    def _forget_proved_by(self, key_ids: frozenset[str]) -> None:
        self._forget(lambda principal: principal.key_id in key_ids)

    def _forget(self, is_meant: Callable[[Principal], bool]) -> None:
        for header in [header for header, principal in self._verified.items() if is_meant(principal)]:
            del self._verified[header]

    async def _verify(self, token: bytes) -> Principal:
        if self._introspection is not None and token.count(b".") != JWT_DOTS:
            return await self._introspection.principal(token)
        header = read_header(_header_segment(token))
        key = await self._keys.find(header.kid)
        if key is None:
            raise Unauthorized("invalid_token", "The token is not signed by a known key.")
        # The key decides the algorithm. Were the token to decide, it could choose one that the key is not for.
        if header.alg != key.algorithm:
            raise Unauthorized("invalid_token", "The token is signed with another algorithm than its key is for.")
        claims = read_claims(_proved_payload(token, key))
        judge(
            claims,
            issuer=self._issuer,
            audience=self._audience,
            now=self._clock(),
            leeway_seconds=LEEWAY_SECONDS,
        )
        return principal_of(claims, key_id=key.kid)

    def _remember(self, header: bytes, principal: Principal) -> None:
        self._verified[header] = principal
        self._verified.move_to_end(header)
        if len(self._verified) > self._cached_tokens_max:
            self._verified.popitem(last=False)


def _bounded(token: str | bytes) -> bytes:
    if len(token) > TOKEN_BYTES_MAX:
        raise Unauthorized("invalid_token", "The token is too large.")
    try:
        return token.encode("ascii") if isinstance(token, str) else token
    except UnicodeEncodeError as error:
        raise Unauthorized("invalid_token", "The token is not ASCII.") from error


def _header_segment(token: bytes) -> bytes:
    try:
        return urlsafe_b64decode(token.partition(b".")[0])
    except ValueError as error:
        raise Unauthorized("invalid_token", "The token is not a signed JWT.") from error


def _proved_payload(token: bytes, key: VerificationKey) -> bytes:
    try:
        return jws.deserialize_compact(token, key.key, registry=PINNED).payload
    except (JoseError, ValueError, RecursionError) as error:
        raise Unauthorized("invalid_token", "The signature of the token does not verify.") from error
