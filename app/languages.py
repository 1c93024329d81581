"""The language of an answer: asked for by its reader, said by its headers."""

from collections.abc import Mapping
from typing import Any

from projections.words.catalogue import ENGLISH, LANGUAGES, Language
from projections.words.negotiation import negotiated

CONTENT_LANGUAGE = {language: (b"content-language", language.encode()) for language in LANGUAGES}
# On whatever holds words for customers: another reader, or another language, gets another answer.
VARY = "Authorization, Accept-Language"


def language_of(scope: Mapping[str, Any]) -> Language:
    """The language to answer a request in, by its Accept-Language header; English where it has none."""
    accepted = scope["portal.named"].get(b"accept-language")
    return ENGLISH if accepted is None else negotiated(accepted)
