"""A proof of delivery as a carrier's scanner makes it: a PDF of one page, the smallest there is."""

from collections.abc import Sequence
from typing import Final

_TOP, _LINE_HEIGHT = 780, 22
_OBJECTS: Final = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
)


def pdf(lines: Sequence[str]) -> bytes:
    """These lines on one page (ISO 32000-1, 7.5: header, objects, cross-reference table, trailer)."""
    shown = "".join(f"1 0 0 1 60 {_TOP - _LINE_HEIGHT * row} Tm ({_text(line)}) Tj " for row, line in enumerate(lines))
    content = f"BT /F1 14 Tf {shown}ET"
    written = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, inside in enumerate((*_OBJECTS, f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"), 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{inside}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count, start = len(places) + 1, len(written)
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return written + end.encode()


def _text(line: str) -> str:
    """A line as it stands in a page: one byte a letter, its own brackets marked."""
    line = line.encode("cp1252", "replace").decode("cp1252")
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
