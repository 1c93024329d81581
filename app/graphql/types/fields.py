"""The kinds of fields: what stands in a document, what takes a scope, and what leads to another document."""

from collections.abc import Awaitable, Mapping
from typing import Any, Final, Literal

import msgspec
import strawberry
from strawberry.types.field import StrawberryField

from app.graphql.reading import Reading

Info = strawberry.Info[Reading, None]
Source = Mapping[str, Any]
# Under which a field's metadata says which kind it is, when it is not plain.
KIND: Final = "portal"


class Section(msgspec.Struct, frozen=True):
    """A guarded section of a document (`projections.sections`)."""

    name: str


class Hop(msgspec.Struct, frozen=True):
    """Another document, whose id stands in the source under `key`."""

    kind: Literal["shipment", "order"]
    key: str


def plain(description: str, *, deprecated: str | None = None) -> Any:  # noqa: ANN401 - stands for any field's default
    """What stands in the document under the field's own name; null where nothing does."""
    return strawberry.field(description=description, deprecation_reason=deprecated)


def section(name: str, description: str) -> Any:  # noqa: ANN401 - as above
    """A guarded section; null with an error for readers who may not see it."""

    def shown(root: Source, info: Info) -> Any:  # noqa: ANN401 - a list of decoded JSON
        info.context.require_section(name)
        return root.get(name)

    return _field(shown, description, Section(name))


def hop(kind: Literal["shipment", "order"], key: str, description: str) -> Any:  # noqa: ANN401 - as above
    """Another document, read together with all others that are asked for at the same time."""

    def followed(root: Source, info: Info) -> Source | Awaitable[Source | None] | None:
        subject_id = root.get(key)
        return None if subject_id is None else info.context.document(kind, subject_id)

    return _field(followed, description, Hop(kind, key))


def _field(resolver: Any, description: str, kind: Section | Hop) -> StrawberryField:  # noqa: ANN401 - either of them
    field: StrawberryField = strawberry.field(resolver=resolver, description=description, metadata={KIND: kind})
    return field
