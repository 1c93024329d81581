"""What a customer is shown of a shipment after a source's messages: adapter, intake's rules, fold and view, no stores."""

import json
from datetime import UTC, datetime

from projections.envelope import decode
from projections.event import Event
from projections.sources.adapter import CanonicalEvent
from tests.messages import message
from tests.properties.world import place
from tests.refold import fold_from_scratch

TENANT = "norvik"
NUMBER = "S-1"
_NOW = datetime(2028, 1, 1, tzinfo=UTC)


def shown_after(taken, *references, **plan):
    """The shipment's document, planned as S-1 under these names, once all that was taken is folded."""
    data = {
        "about": {"type": "tms_shipment", "value": NUMBER},
        "references": references,
        "ship_to": {"city": "Kiel", "country": "DE"},
    }
    planned = message("shipment.planned.v1", data | plan, tenant=TENANT)
    bodies = [planned, *(one.body for one in taken if isinstance(one, CanonicalEvent))]
    events = [decode(body, _NOW) for body in bodies]
    assert all(isinstance(event, Event) for event in events), events
    placed = place(events)
    held = {event.id for event in events} - {event.id for _, event in placed}
    assert not held, "something taken is not about this shipment"
    views = fold_from_scratch((subject.id, subject.tenant, event) for subject, event in placed)
    (document,) = [json.loads(view.document) for (_, subject), view in views.items() if subject.startswith("shp_")]
    return document
