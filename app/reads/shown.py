"""What of a document a reader is shown: all of it, or what is left without the sections they may not see. Pure."""

import hashlib

from auth.policy import EVERY_SECTION
from projections.cache import Document
from projections.sections import without


def shown_of(document: Document, visible: frozenset[str]) -> bytes:
    """The bytes to show."""
    if visible is EVERY_SECTION or not document.sections:
        return document.document
    return without(document.document, document.sections, visible)


def etag_of(document: Document, shown: bytes) -> bytes:
    """The entity tag of what is shown of a document: of that alone, as one that moved with a hidden charge would tell."""
    digest = document.digest
    if shown is not document.document:
        digest = hashlib.blake2b(shown + document.sources, digest_size=8).digest()
    return b'W/"%b"' % digest.hex().encode()
