"""Every native format this service reads: one entry a format, so that this page is the list of them.

| format | a file or body holds | one message is |
|---|---|---|
| `x12` | interchanges of transaction sets 204, 210, 214, 810, 856, 990 | a transaction set, each status of a 214 |
| `edifact` | interchanges of IFTSTA, any directory | a status (STS) of a message |
| `epcis` | EPCIS 2.0 in JSON-LD: a document, a query result, events | an event |
| `dcsa` | DCSA Track & Trace 2.2 or 3.0: `{"events": […]}`, an array, an event | an event |
| `csv` | a header and rows, as a 3PL fills a form | a row |
| `events` | CloudEvents in our own words, one JSON object a line | a line |
| `carrier_json:NAME` | a carrier's webhook bodies, by `carrier_json/carriers/NAME.toml` | an event of the body |

Adapters do no I/O; reading the carriers' mappings, once at import, is the only one here.
"""

from collections.abc import Mapping

from projections.sources.adapter import Adapter
from projections.sources.carrier_json.adapter import carrier_json
from projections.sources.carrier_json.mappings import load
from projections.sources.csv_rows import Layout, csv_rows_of
from projections.sources.dcsa import dcsa
from projections.sources.declared import DeclaredSource
from projections.sources.edifact import edifact
from projections.sources.epcis import epcis
from projections.sources.events_lines import events_lines
from projections.sources.signature import Signature
from projections.sources.x12 import x12

CSV = "csv"
EVENTS = "events"
_MAPPINGS = {f"carrier_json:{name}": mapping for name, mapping in load().items()}
FORMATS: Mapping[str, Adapter] = {
    "x12": x12,
    "edifact": edifact,
    "epcis": epcis,
    "dcsa": dcsa,
    CSV: csv_rows_of(Layout()),
    EVENTS: events_lines,
    **{name: carrier_json(mapping) for name, mapping in _MAPPINGS.items()},
}
# How bodies of a format are signed, where it says so itself.
SIGNATURES: Mapping[str, Signature] = {
    name: mapping.signature for name, mapping in _MAPPINGS.items() if mapping.signature is not None
}


def adapter_of(one: DeclaredSource) -> Adapter:
    """The adapter of a declared source: its format's, with its own layout where it declares one."""
    return csv_rows_of(one.csv) if one.csv is not None else FORMATS[one.format]
