"""What of a document a reader is shown: all of it, or what is left without the sections they may not see. Pure."""

import hashlib

from auth.policy import EVERY_SECTION
from projections.cache import Document
from projections.sections import without


def shown_of(document: Document, visible: frozenset[str]) -> tuple[bytes, bytes]:
    """The bytes to show, and the digest that stands for them.

    The digest is of what is shown alone: an ETag that moved with a hidden charge would tell of it.
    """
    if visible is EVERY_SECTION or not document.sections:
        return document.document, document.digest
    shown = without(document.document, document.sections.decode(), visible)
    return shown, hashlib.blake2b(shown + document.sources, digest_size=8).digest()
