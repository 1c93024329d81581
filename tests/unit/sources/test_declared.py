"""The file of declared sources: what it may say, and that what is wrong with it is named."""

import pytest

from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.csv_rows import Layout
from projections.sources.declared import SourcesFileError, declared, load
from projections.sources.registry import FORMATS, adapter_of

GOOD = {"name": "/carrier/abfs", "format": "x12", "carrier": "ABFS", "zone": "America/Chicago"}
UPLOAD = {"name": "/3pl/lager", "format": "csv", "tenant": "nordwind", "carrier": "ALPN"}


def refused(**changes):
    with pytest.raises(SourcesFileError) as raised:
        declared("abfs-status", GOOD | changes, FORMATS)
    assert str(raised.value).startswith("abfs-status: ")
    return str(raised.value)


def test_every_source_of_a_file_is_read_under_its_key(tmp_path):
    file = tmp_path / "sources.toml"
    file.write_text(
        '[one]\nname = "/carrier/abfs"\nformat = "x12"\nzone = "Europe/Oslo"\n'
        '[two]\nname = "/3pl/lager"\nformat = "csv"\ntenant = "nordwind"\ncsv = { columns = { Wann = "time" } }\n'
    )
    known = load(file, FORMATS)
    assert known["one"].source == Source("/carrier/abfs", zone="Europe/Oslo")
    assert known["two"].source == Source("/3pl/lager", tenant="nordwind")
    assert known["two"].csv == Layout(columns={"Wann": "time"})


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourcesFileError, match=r"missing\.toml"):
        load(tmp_path / "missing.toml", FORMATS)


@pytest.mark.parametrize("body", [b"[one", b"\xff", b"one = 1\n"])
def test_a_file_that_is_no_list_of_sources_is_refused(tmp_path, body):
    file = tmp_path / "sources.toml"
    file.write_bytes(body)
    with pytest.raises(SourcesFileError):
        load(file, FORMATS)


def test_what_is_wrong_with_a_source_is_named():
    assert "no format is called x11; there are carrier_json:bluecrest" in refused(format="x11")
    assert "/nobody/abfs starts with no known role" in refused(name="/nobody/abfs")
    assert "no time zone is called Europe/Atlantis" in refused(zone="Europe/Atlantis")
    assert "no time zone is called ../etc" in refused(zone="../etc")
    assert "$.name" in refused(name="carrier/abfs")
    assert "$.carrier" in refused(carrier="arrow freight")
    assert "zones" in refused(zones="Europe/Oslo")
    assert "the format is x12" in refused(csv={})


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ({"columns": {"Wann": "when"}}, "no column is called when"),
        ({"delimiter": ";;"}, "one character"),
        ({"delimiter": '"'}, "one character"),
        ({"fallback": "latin-99"}, "no encoding is called latin-99"),
        ({"separator": ";"}, "separator"),
    ],
)
def test_a_layout_that_fits_no_file_is_refused(layout, words):
    with pytest.raises(SourcesFileError, match=words):
        declared("upload", UPLOAD | {"csv": layout}, FORMATS)


def test_a_source_reads_with_its_own_layout():
    one = declared("upload", UPLOAD | {"csv": {"columns": {"Wann": "time"}}}, FORMATS)
    row = b"Wann,tracking_number,code\n2026-03-02T10:15:00Z,AL-1,picked_up\n"
    assert [type(taken) for taken in adapter_of(one)([row], one.source)] == [CanonicalEvent]


def test_every_format_reads_nothing_without_harm():
    for read in FORMATS.values():
        assert not [taken for taken in read([b""], Source("/carrier/x")) if isinstance(taken, CanonicalEvent)]
