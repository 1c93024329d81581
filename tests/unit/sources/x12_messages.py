"""Makes X12 interchanges for the tests, with envelopes and counts that are right unless a test breaks them."""

import json
from datetime import UTC, datetime

from projections.envelope import decode
from projections.event import Event
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected, Source
from projections.sources.x12 import x12

NOW = datetime(2027, 1, 1, tzinfo=UTC)
CARRIER = Source("/carrier/RDFX", carrier="RDFX")
WMS = Source("/wms/leipzig", tenant="norvik")
TMS = Source("/tms/main", tenant="norvik")
HEADER = "ISA*00*          *00*          *02*RDFX           *ZZ*PORTAL         *261104*0915*U*00401*000000071*0*P*>"


def transaction(code, *segments, control="0001"):
    return [f"ST*{code}*{control}", *segments, f"SE*{len(segments) + 2}*{control}"]


def interchange(*sets, terminator="~", header=HEADER, created="20261104*0915"):
    body = [segment for one in sets for segment in one]
    group = [f"GS*QM*RDFX*PORTAL*{created}*7*X*004010", *body, f"GE*{len(sets)}*7"]
    return terminator.join([header, *group, "IEA*1*000000071", ""]).encode()


def status(*segments, control="0001", beginning="B10*7004512*LOAD-88*RDFX"):
    return transaction("214", beginning, *segments, control=control)


def taken(data, source=CARRIER):
    return list(x12([data], source))


def events(data, source=CARRIER):
    """What was taken as events, each one as the intake understands it."""
    understood = [decode(one.body, NOW) for one in taken(data, source) if isinstance(one, CanonicalEvent)]
    assert all(isinstance(event, Event) for event in understood), understood
    return understood


def data_of(data, source=CARRIER):
    return [event.data for event in events(data, source)]


def rejections(data, source=CARRIER):
    return [one.rejection for one in taken(data, source) if isinstance(one, Rejected)]


def ignored(data, source=CARRIER):
    return [one.words for one in taken(data, source) if isinstance(one, Ignored)]


def ids(data, source=CARRIER):
    return [json.loads(one.body)["id"] for one in taken(data, source) if isinstance(one, CanonicalEvent)]
