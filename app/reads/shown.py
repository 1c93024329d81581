"""What of a document a reader is shown: all of it or what is left without the sections they may not see, in their
language. Pure.
"""

import hashlib
from functools import lru_cache

from auth.policy import EVERY_SECTION
from projections.cache import Document
from projections.sections import without
from projections.words.catalogue import Language
from projections.words.translation import translate

# With the bytes they were made from these are some 10 MB; a document in memory is told by its identity.
TRANSLATED_MAX = 1_024


def shown_of(document: Document, visible: frozenset[str]) -> tuple[bytes, bytes]:
    """The bytes to show, and the digest that stands for them.

    The digest is of what is shown alone: an ETag that moved with a hidden charge would tell of it.
    """
    if visible is EVERY_SECTION or not document.sections:
        return document.document, document.digest
    shown = without(document.document, document.sections.decode(), visible)
    return shown, _digest(shown, document.sources)


@lru_cache(maxsize=TRANSLATED_MAX)
def in_language(shown: bytes, sources: bytes, language: Language) -> tuple[bytes, bytes]:
    """What is shown, in another language than it is stored in, and the digest that stands for that.

    Remembered, so that a document is translated once however often it is read. It tells nobody anything: the same bytes
    are the same document of the same tenant.
    """
    translated = translate(shown, language)
    return translated, _digest(translated, sources)


def _digest(shown: bytes, sources: bytes) -> bytes:
    return hashlib.blake2b(shown + sources, digest_size=8).digest()
