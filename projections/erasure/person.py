"""A person, as the words by which one appears, and finding these in any text."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable

MARKER = "[erased]"
LEAST_LETTERS = 3
# RFC 7914, section 2: some 50 ms a guess, because a bare digest of a name is soon guessed.
_COST = {"n": 2**14, "r": 8, "p": 1}


class TooVagueError(Exception):
    """Words too short to stand for one person."""


class Person:
    """Found whatever the case, the spaces between words, and how accents are composed; whole words only."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Raises TooVagueError."""
        self.texts = tuple(texts)
        if not self.texts or any(len(re.sub(r"\W", "", text)) < LEAST_LETTERS for text in self.texts):
            raise TooVagueError(f"give at least {LEAST_LETTERS} letters of whom to erase")
        spelt = {unicodedata.normalize(form, text) for text in self.texts for form in ("NFC", "NFD")}
        # The longest first: where one text is part of another, the whole goes.
        words = [r"\s+".join(map(re.escape, text.split())) for text in sorted(spelt, key=len, reverse=True)]
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)

    def in_text(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def struck(self, text: str) -> str:
        """The text with the marker where the person was."""
        return self._pattern.sub(MARKER, text)

    def digests(self) -> list[str]:
        """Proof of whom this was, for whoever knows the words already: `scrypt`, a new salt, the digest."""
        return [_digest(text, secrets.token_bytes(16)) for text in self.texts]


def stands_for(digest: str, text: str) -> bool:
    """Whether a digest of the audit log was made of this text."""
    return secrets.compare_digest(digest, _digest(text, bytes.fromhex(digest.split("$")[1])))


def _digest(text: str, salt: bytes) -> str:
    return f"scrypt${salt.hex()}${hashlib.scrypt(text.encode(), salt=salt, dklen=32, **_COST).hex()}"
