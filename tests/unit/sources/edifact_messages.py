"""IFTSTA messages written for tests, and what the adapter makes of them."""

from projections.sources.adapter import Source
from projections.sources.edifact import edifact
from tests.unit.sources.taken_words import bodies, in_pieces, rejections

CARRIER = Source("/carrier/alpn", carrier="ALPN", zone="Europe/Oslo")
SHIPPED = ("CNI+1", "STS+1+13", "RFF+CN:AL-77120", "DTM+334:202603021015:203", "LOC+9+DEHAM:139:6:Hamburg")


def message(*segments, reference="M1", count=None, directory="D:96A", end="'\n"):
    body = [f"UNH+{reference}+IFTSTA:{directory}:UN", "BGM+23+R-1+9", "DTM+137:202603021200:203", *segments]
    body.append(f"UNT+{count or len(body) + 1}+{reference}")
    return "".join(segment + end for segment in body)


def interchange(*messages, repertoire="UNOC", una="", count=None, reference="77", more=""):
    unb = f"UNB+{repertoire}:3+ALPN:ZZ+PORTAL:ZZ+260302:1205+{reference}{more}'\n"
    return una + unb + "".join(messages) + f"UNZ+{count or len(messages)}+{reference}'\n"


def taken(text, source=CARRIER, encoding="latin-1"):
    return list(edifact(in_pieces(text.encode(encoding)), source))


def single(*segments, source=CARRIER, **more):
    found = taken(interchange(message(*segments, **more)), source)
    assert not rejections(found)
    return bodies(found)


def refused(text, source=CARRIER):
    (rejection,) = rejections(taken(text, source))
    return rejection
