"""One language's texts, read from its Fluent file. Whatever is wrong with a file stops the start."""

from collections.abc import Callable, Mapping
from functools import cache, partial
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
    """A language's texts by code. What customers never see, such as internal milestones, has none.

    `pages` are sentences of pages by name, called with the variables they take.
    """

    milestones: dict[str, Wording]
    reasons: dict[str, Wording]
    pages: dict[str, Callable[..., str]]


@cache
def catalogue(language: Language) -> Catalogue:
    """The texts of `projections/words/<language>.ftl`; raises BrokenCatalogueError."""
    source = (files(__package__) / f"{language}.ftl").read_text(encoding="utf-8")
    try:
        return read(source, language)
    except BrokenCatalogueError as error:
        raise BrokenCatalogueError(f"{language}.ftl: {error}") from None


def read(source: str, language: Language) -> Catalogue:
    """The texts of a Fluent source: messages `milestone-CODE`, `reason-CODE`, perhaps with `.action`, and `page-NAME`."""
    resource = FluentResource(source)
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource)
    found = Catalogue({}, {}, {})
    names: set[str] = set()
    for entry in resource.body:
        if isinstance(entry, BaseComment):
            continue
        if not isinstance(entry, Message):
            raise BrokenCatalogueError(f"not understood: {entry.to_json()}")
        name = entry.id.name
        if name in names:
            raise BrokenCatalogueError(f"{name}: there twice")
        names.add(name)
        _put(found, bundle, name)
    return found


def _put(found: Catalogue, bundle: FluentBundle, name: str) -> None:
    kind, _, code = name.partition("-")
    match kind:
        case "milestone":
            found.milestones[code] = _wording(bundle, name)
        case "reason":
            found.reasons[code] = _wording(bundle, name)
        case "page":
            found.pages[code] = partial(_sentence, bundle, name)
        case _:
            raise BrokenCatalogueError(f"{name}: neither a milestone nor a reason nor a sentence of a page")


def _wording(bundle: FluentBundle, name: str) -> Wording:
    message = bundle.get_message(name)
    if message.value is None or message.attributes.keys() - {"action"}:
        raise BrokenCatalogueError(f"{name}: needs a text, and takes no attribute but action")
    action = message.attributes.get("action")
    # Found by its code alone: there is nothing that variables could be filled from.
    return Wording(_text(bundle, name, message.value, {}), _text(bundle, name, action, {}) if action else None)


def _sentence(bundle: FluentBundle, name: str, **told: str | int) -> str:
    message = bundle.get_message(name)
    if message.value is None:
        raise BrokenCatalogueError(f"{name}: needs a text")
    return _text(bundle, name, message.value, told)


def _text(bundle: FluentBundle, name: str, pattern: Pattern, told: Mapping[str, str | int]) -> str:
    text, errors = bundle.format_pattern(pattern, dict(told))
    if errors or not isinstance(text, str):
        raise BrokenCatalogueError(f"{name}: {errors}")
    return text
