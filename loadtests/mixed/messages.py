"""A message on its way in: native bytes for an adapter, or a CloudEvent for the stream."""

from typing import Literal

import msgspec

from projections.sources.adapter import Source

STREAM = "stream"
# CloudEvents that come as a file name their own sources.
OF_ANY = Source("/erp/import")


class Sent(msgspec.Struct, frozen=True):
    """Bytes with the way they take. `format` None: by the stream, which takes CloudEvents only."""

    body: bytes
    format: str | None = None
    source: Source = OF_ANY
    door: Literal["stream", "import", "http"] = STREAM


def native(form: str, source: Source, body: bytes) -> Sent:
    return Sent(body, form, source, "import")
