"""What of a document a reader is shown: all of it or what is left without the sections they may not see, in their
language. Pure.
"""

import hashlib
from functools import lru_cache

from auth.policy import EVERY_SECTION
from projections.cache import Document
from projections.sections import without
from projections.words.catalogue import ENGLISH, Language
from projections.words.translation import translate

# With the bytes they were made from these are some 10 MB; a document in memory is told by its identity.
TRANSLATED_MAX = 1_024


def shown_of(document: Document, visible: frozenset[str], language: Language) -> bytes:
    """The bytes to show."""
    if visible is EVERY_SECTION or not document.sections:
        shown = document.document
    else:
        shown = without(document.document, document.sections, visible)
    return shown if language == ENGLISH else _in_language(shown, language)


def card_of(document: Document, _visible: frozenset[str], language: Language) -> bytes:
    """The bytes of a document's card, which is its summary: no guarded section is in it."""
    return document.summary if language == ENGLISH else _in_language(document.summary, language)


def etag_of(document: Document, shown: bytes) -> bytes:
    """The entity tag of what is shown of a document: of that alone, as one that moved with a hidden charge would tell."""
    digest = document.digest
    if shown is not document.document:
        digest = hashlib.blake2b(shown + document.sources, digest_size=8).digest()
    return b'W/"%b"' % digest.hex().encode()


@lru_cache(maxsize=TRANSLATED_MAX)
def _in_language(shown: bytes, language: Language) -> bytes:
    """What is shown, in another language than it is stored in.

    Remembered, so that a document is translated once however often it is read. It tells nobody anything: the same bytes
    are the same document of the same tenant.
    """
    return translate(shown, language)
