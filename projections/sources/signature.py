"""How a sender shows that a message is its own, where it brings no access token: as data, and the check. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Protocol

import msgspec

HeaderName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-]{1,64}$(?!\n)")]
# One sentence for whatever does not fit: which header a source is declared with is for its sender to know.
NOT_PROVED = "The signature or key does not fit what this source was declared with."
# The value of a header of the request, several joined by commas (RFC 9110, 5.3); None where there is none.
HeaderOf = Callable[[str], str | None]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a body is signed: HMAC (RFC 2104), in which header, written how. `prefix` stands before the digits.

    With `timestamp_header`, what is signed is the unix seconds in that header, a dot, and the body; they may be
    `tolerance_seconds` off our clock, so that what was overheard cannot be sent again later.
    """

    header: HeaderName
    algorithm: Literal["sha256", "sha384", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    timestamp_header: HeaderName | None = None
    tolerance_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 300


class Proof(Protocol):
    """A way to show who sends, with its secrets; several while one is replaced by another."""

    @property
    def header(self) -> str:
        """The header it is shown in."""

    def refusal(self, header_of: HeaderOf, body: bytes, now: float) -> str | None:
        """What is wrong, in words that tell nothing of what would have been right; None when the sender is proved."""


class SignedBody(msgspec.Struct, frozen=True):
    signature: Signature
    secrets: tuple[bytes, ...]

    @property
    def header(self) -> str:
        return self.signature.header

    def refusal(self, header_of: HeaderOf, body: bytes, now: float) -> str | None:
        timestamp = ""
        if self.signature.timestamp_header is not None:
            timestamp = header_of(self.signature.timestamp_header) or ""
            body = b"%b.%b" % (timestamp.encode("utf-8", "surrogatepass"), body)
        if not is_signed(self.signature, self.secrets, body, header_of(self.header)):
            return NOT_PROVED
        # Only who knows the secret is told about its clock.
        if self.signature.timestamp_header is not None and not self._is_recent(timestamp, now):
            return f"The time in {self.signature.timestamp_header} is too far from ours."
        return None

    def _is_recent(self, timestamp: str, now: float) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < len("999999999999")):
            return False
        return abs(now - int(timestamp)) <= self.signature.tolerance_seconds


class KeyInHeader(msgspec.Struct, frozen=True):
    """A key the sender gives with each message; in `Authorization`, as a bearer's."""

    header: str
    secrets: tuple[bytes, ...]

    def refusal(self, header_of: HeaderOf, body: bytes, now: float) -> str | None:  # noqa: ARG002 - as every proof
        given = header_of(self.header) or ""
        scheme, _, rest = given.partition(" ")
        if self.header.lower() == "authorization" and scheme.lower() == "bearer":
            given = rest.strip()
        return None if _fits_any([given], self.secrets) else NOT_PROVED


def is_signed(signature: Signature, secrets: Iterable[bytes], signed: bytes, header_value: str | None) -> bool:
    """Compare a header with the bytes' HMAC, in a time that tells nothing of where they differ.

    The header may hold several signatures, comma-separated, while the sender changes its secret; one must fit. False
    without a header or a secret: what cannot be checked is not signed.
    """
    given = [
        _bare(signature, written)
        for written in map(str.strip, (header_value or "").split(","))
        if written.startswith(signature.prefix)
    ]
    return _fits_any(given, [_written(signature, secret, signed) for secret in secrets if secret])


def _bare(signature: Signature, written: str) -> str:
    bare = written.removeprefix(signature.prefix)
    return bare.lower() if signature.encoding == "hex" else bare


def _written(signature: Signature, secret: bytes, signed: bytes) -> bytes:
    digest = hmac.new(secret, signed, getattr(hashlib, signature.algorithm)).digest()
    return digest.hex().encode() if signature.encoding == "hex" else base64.b64encode(digest)


def _fits_any(given: Iterable[str], right: Iterable[bytes]) -> bool:
    """Every pair is compared, whichever fits."""
    expected = list(right)
    fits = False
    for one in given:
        for other in expected:
            fits |= hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other)
    return fits
