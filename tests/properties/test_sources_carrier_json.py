"""Whatever a carrier's webhook brings: no error, and each event accounted for."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.sources.adapter import Source
from projections.sources.carrier_json import carrier_json
from projections.sources.carrier_json.mappings import load
from tests.properties.broken_bytes import EDITS, accounted, broken

MAPPINGS = load()
SOURCE = Source("/carrier/any", tenant="nordwind", zone="Europe/Oslo")
BODIES = {
    "nordvik": b'{"parcels":[{"parcelNumber":"N1","scans":[{"scanId":"s","event":{"code":"NDL","cause":"WEA"},'
    b'"scannedAt":"2026-03-02T10:15:00+01:00","depot":{"city":"Bergen","countryCode":"NO"}}]}]}',
    "bluecrest": b'[{"eventId":9,"proNumber":7301,"statusCode":60,"eventTimeMs":1772442900000,"etaMs":1772442900000}]',
    "transalpina": b'{"messaggio":"m","spedizione":{"numero":"T","movimenti":[{"stato":"RIT","data":"02/03/2026",'
    b'"ora":"10:15"},{"stato":"GIA","causale":"D","data":"02/03/2026","ora":"18:00"}]}}',
}
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "x" * 600, "NaN", "inf", "1e999"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
CARRIERS = st.sampled_from(sorted(BODIES))


@given(CARRIERS, st.binary(max_size=100), st.integers(1, 20))
@example("bluecrest", b"[" * 100_000, 9_999)
@example("bluecrest", b'{"statusCode":' * 900 + b"1" + b"}" * 900, 999)
@example("bluecrest", b'{"statusCode": ' + b"9" * 10_000 + b"}", 999)
def test_any_bytes_are_accounted_for(carrier, body, size):
    assert accounted(carrier_json(MAPPINGS[carrier]), body, SOURCE, size)


@settings(max_examples=300)
@given(CARRIERS, EDITS, st.none() | st.integers(0, 10_000), st.integers(1, 400))
def test_a_broken_body_is_refused_or_read(carrier, edits, cut, size):
    assert accounted(carrier_json(MAPPINGS[carrier]), broken(BODIES[carrier], edits, cut), SOURCE, size)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


@settings(max_examples=400)
@given(CARRIERS, st.integers(0, 100), ODD)
def test_a_body_with_one_odd_value_is_accounted_for(carrier, which, odd):
    body = json.loads(BODIES[carrier])
    chosen = [path for path in places(body) if path]
    *above, last = chosen[which % len(chosen)]
    inner = body
    for key in above:
        inner = inner[key]
    inner[last] = odd
    assert accounted(carrier_json(MAPPINGS[carrier]), json.dumps(body).encode(), SOURCE, 50)
