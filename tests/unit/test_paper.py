"""The simulated carriers' PDFs: what is in them is where their own table says it is."""

import re

from app.rest.documents.media import fits
from app.simulator.paper import pdf


def test_each_object_is_where_the_table_says():
    page = pdf(["Proof of delivery", r"Signed by (Ö. Müller \ Co)", "名前"])
    assert fits("application/pdf", page)
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", page)[1])
    assert page[start:].startswith(b"xref\n0 6\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", page[start:])]
    for number, place in enumerate(places, 1):
        assert page[place:].startswith(b"%d 0 obj\n" % number)
    stream = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", page, re.DOTALL)
    assert len(stream[2]) == int(stream[1])
    assert rb"(Signed by \(" + "Ö. Müller".encode("cp1252") + rb" \\ Co\)) Tj" in stream[2]
