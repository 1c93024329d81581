"""One page of a snapshot: records as they stand, and where the next page is."""

from typing import Annotated

import msgspec

MAX_RECORDS = 10_000


class PageGarbledError(Exception):
    """What came is no page; the message says what is wrong with it."""


class Page(msgspec.Struct, frozen=True):
    """`items` are read one by one, so that a bad one harms no other. No `next_cursor`: the last page."""

    items: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_RECORDS)]
    next_cursor: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")] | None = None


_DECODER = msgspec.json.Decoder(Page)


def page_of(body: bytes) -> Page:
    """Raises PageGarbledError."""
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise PageGarbledError(f"no page: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PageGarbledError(f"not JSON: {error}; it begins {body[:60]!r}") from None
