"""Finding what is somebody's in bytes, however it is written: plainly, in another case, reversed, escaped or encoded."""

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

import msgspec

from app.isolation.canaries import Canaries

# Ours are three letters and 24 of base32; longer and shorter ones may come.
PUBLIC_ID = re.compile(r"(?<![A-Za-z0-9_])([a-z]{2,5}_)([a-z2-7]{16,40})")
_TENANT = re.compile(rb'"tenant"\s*:\s*"([^"\\]*)"')
_ESCAPE = re.compile(rb"\\+u([0-9a-fA-F]{4})")
_HEX = re.compile(rb"[0-9a-fA-F]{16,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{12,}")
# Whatever is shorter cannot hold an id.
_CURSOR = re.compile(rb"[A-Za-z0-9+/_\-]{36,}")


class Found(msgspec.Struct, frozen=True):
    """Something of a tenant's: a canary, a public id, or the tenant's own name as an owner."""

    kind: str
    value: str
    tenant: str
    field: str


class Search:
    """Knows what belongs to whom; is told of ids as they become known."""

    def __init__(self, canaries: Canaries, tenants: Iterable[str]) -> None:
        self._canaries = canaries
        self._tenants = frozenset(tenants)
        self._ids: dict[str, str] = {}
        self._id_shapes: list[str] = []
        self._id = re.compile(rb"(?!)")
        self._hints = _hints(canaries.prefix.encode())

    def learn_id(self, public_id: str, tenant: str) -> None:
        """Note whose an id is: the first who is shown it."""
        self._ids.setdefault(public_id, tenant)
        match = PUBLIC_ID.fullmatch(public_id)
        if match and (shape := f"{match[1]}[a-z2-7]{{{len(match[2])}}}") not in self._id_shapes:
            self._id_shapes.append(shape)
            self._id = re.compile("|".join(self._id_shapes).encode())

    def of_others(self, text: bytes, own: str | None, repeated: bytes) -> list[Found]:
        """All in a text that is another's than `own`, leaving out what the request itself said."""
        found = {one for one in self.everything(text) if one.tenant != own}
        if not found:
            return []
        said = {(one.kind, one.value) for one in self.everything(repeated)}
        plain = repeated.decode("latin-1")
        return sorted(
            (one for one in found if (one.kind, one.value) not in said and one.value not in plain),
            key=lambda one: (one.kind, one.field, one.value),
        )

    def of(self, text: bytes, tenant: str) -> list[Found]:
        """All in a text that is this tenant's."""
        return [one for one in self.everything(text) if one.tenant == tenant]

    def everything(self, text: bytes) -> Iterator[Found]:
        for reading in self._readings(text):
            yield from self._canaries_in(reading)
            for match in self._id.findall(reading):
                if owner := self._ids.get(match.decode()):
                    yield Found("id", match.decode(), owner, "public id")
        for match in _TENANT.findall(text):
            name = match.decode("utf-8", "replace")
            if name in self._tenants:
                yield Found("tenant", name, name, "tenant")

    def _canaries_in(self, text: bytes) -> Iterator[Found]:
        for canary in self._canaries.found_in(text):
            if owner := self._canaries.owner_of(canary):
                yield Found("canary", canary, owner, self._canaries.field_of(canary))

    def _readings(self, text: bytes) -> Iterator[bytes]:
        """The text as it is, and decoded in each way in which something may hide in it."""
        yield text
        if b"%" in text:
            yield unquote_to_bytes(text)
        if b"\\u" in text:
            yield _ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "replace"), text)
        for token in _CURSOR.findall(text):
            yield from _decoded(token)
        if not self._hints.search(text):
            return
        yield text[::-1]
        for token in _HEX.findall(text):
            for start in (0, 1):
                even = token[start : len(token) - (len(token) - start) % 2]
                yield bytes.fromhex(even.decode())
        for token in _BASE64.findall(text):
            yield from _decoded(token)


def _decoded(token: bytes) -> Iterator[bytes]:
    """What a run of base64 may say, whichever of its characters it begins with."""
    plain = token.replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        quads = plain[start:]
        # A single character left over says nothing; two or three say a byte or two.
        usable = quads[: len(quads) - (len(quads) % 4 == 1)]
        yield base64.b64decode(usable + b"=" * (-len(usable) % 4))


def _hints(prefix: bytes) -> re.Pattern[bytes]:
    """Written like this, a canary begins; only then is a text looked at closely."""
    spellings = {prefix[::-1], prefix.hex().encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + prefix)
        # Without the characters that also hold bits of what stands before and after.
        spellings.add(encoded[(shift * 8 + 5) // 6 : (shift + len(prefix)) * 8 // 6])
    return re.compile(
        b"|".join(re.escape(one) for one in sorted(spellings)) + b"|" + re.escape(prefix.hex().upper().encode()),
        re.IGNORECASE,
    )
