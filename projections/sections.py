"""Guarded sections: the last members of a document, which not every reader of it may see. Pure.

Beside the bytes of a document stands how long each of its sections is, so that a document without some of
them is cut out of the ready bytes: nothing is decoded or rendered anew. Who may see which is `auth.policy`.
"""

from functools import lru_cache
from typing import Final

import msgspec

from projections.events import ChargePosted, InvoicePosted, PaymentChanged

# In the order in which they stand at the end of a document.
SECTIONS: Final = ("documents", "charges", "invoices")
# What they say goes into guarded sections alone: nothing that all readers see may move with it.
GUARDED_EVENTS: Final = (ChargePosted, InvoicePosted, PaymentChanged)


def measured(view: msgspec.Struct, encoder: msgspec.json.Encoder) -> str:
    """The sections of a view with their lengths in bytes, as kept beside its document: `documents=2 charges=2`."""
    present = (name for name in SECTIONS if name in view.__struct_fields__)
    return " ".join(f"{name}={len(encoder.encode(getattr(view, name)))}" for name in present)


def without(document: bytes, lengths: bytes, visible: frozenset[str]) -> bytes:
    """The document with only the visible ones of its guarded sections."""
    end, kept = _kept(lengths, visible)
    return b"".join((document[:-end], *[document[-first:-last] for first, last in kept], b"}"))


@lru_cache(maxsize=10_000)
def _kept(lengths: bytes, visible: frozenset[str]) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Where a document's sections begin, and from where to where the visible ones lie, counted from its end.

    Most documents have the same few lengths, those of empty sections.
    """
    last, kept = 1, []
    for section in reversed(lengths.decode().split()):
        name, _, length = section.partition("=")
        first = last + int(length) + len(f',"{name}":')
        if name in visible:
            kept.append((first, last))
        last = first
    return last, tuple(reversed(kept))
