"""One language's texts, read from its Fluent file. Whatever is wrong with a file stops the start."""

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.resolver import Pattern
from fluent.syntax.ast import BaseComment, Message

Language = Literal["en", "de", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
# What documents are stored with, and what who asks for none of ours is answered in.
ENGLISH: Language = "en"


class BrokenCatalogueError(ValueError):
    """A Fluent file that cannot be used, with the place."""


class Wording(msgspec.Struct, frozen=True):
    """A code's text, and what the reader is asked to do, if anything."""

    text: str
    action_required: str | None = None


class Catalogue(msgspec.Struct, frozen=True):
    """A language's texts by code. What customers never see, such as internal milestones, has none."""

    milestones: dict[str, Wording]
    reasons: dict[str, Wording]


@cache
def catalogue(language: Language) -> Catalogue:
    """The texts of `projections/words/<language>.ftl`; raises BrokenCatalogueError."""
    source = (files(__package__) / f"{language}.ftl").read_text(encoding="utf-8")
    try:
        return read(source, language)
    except BrokenCatalogueError as error:
        raise BrokenCatalogueError(f"{language}.ftl: {error}") from None


def read(source: str, language: Language) -> Catalogue:
    """The texts of a Fluent source: messages `milestone-CODE` and `reason-CODE`, the latter perhaps with `.action`."""
    resource = FluentResource(source)
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource)
    found = Catalogue({}, {})
    for entry in resource.body:
        if isinstance(entry, BaseComment):
            continue
        if not isinstance(entry, Message):
            raise BrokenCatalogueError(f"not understood: {entry.to_json()}")
        kind, _, code = entry.id.name.partition("-")
        of_kind = {"milestone": found.milestones, "reason": found.reasons}.get(kind)
        if of_kind is None or code in of_kind:
            raise BrokenCatalogueError(f"{entry.id.name}: there twice, or neither a milestone nor a reason")
        of_kind[code] = _wording(bundle, entry.id.name)
    return found


def _wording(bundle: FluentBundle, name: str) -> Wording:
    message = bundle.get_message(name)
    if message.value is None or message.attributes.keys() - {"action"}:
        raise BrokenCatalogueError(f"{name}: needs a text, and takes no attribute but action")
    action = message.attributes.get("action")
    return Wording(_text(bundle, name, message.value), _text(bundle, name, action) if action else None)


def _text(bundle: FluentBundle, name: str, pattern: Pattern) -> str:
    text, errors = bundle.format_pattern(pattern)
    if errors or not isinstance(text, str):
        # A text is found by its code alone, so there is nothing that variables could be filled from.
        raise BrokenCatalogueError(f"{name}: {errors}")
    return text
