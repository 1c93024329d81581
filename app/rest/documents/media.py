"""Which kinds of file a document may be: few, and none of which a browser runs. Pure.

Not among them are HTML, SVG, XML and archives: what others bring in is shown to customers as it came.
"""

from typing import Final

# How each begins, of which one must fit; text is what has no zero byte in its first bytes.
_BEGINS: Final[dict[str, tuple[bytes, ...]]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "text/plain": (b"",),
}
_ENDINGS: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "text/plain": ".txt",
}
MEDIA_TYPES: Final = tuple(_BEGINS)
LOOKED_AT_BYTES: Final = 512


def fits(media_type: str, first_bytes: bytes) -> bool:
    """Whether what begins like this can be of that type."""
    if media_type == "text/plain":
        return b"\x00" not in first_bytes
    return first_bytes.startswith(_BEGINS[media_type])


def file_name(name: str, media_type: str) -> str:
    """A name to save a document under: its source's own, with the ending of its type."""
    ending = _ENDINGS[media_type]
    return name if name.lower().endswith(ending) else name + ending
