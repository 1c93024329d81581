"""Every REST operation as data: what OpenAPI, the docs page and the tests go through.

Documents are answered before Litestar and are bytes to the rest; so the description is
made from this table and the structs, and a test holds it against the routes.
"""

import msgspec

from app.problems import ProblemDocument
from app.reads.freshness import Freshness
from app.rest.cards.operations import CARD_OPERATIONS
from app.rest.documents.operations import DOCUMENT_OPERATIONS
from app.rest.events import EventsAnswer
from app.rest.exceptions import ExceptionPage, ExceptionsQuery
from app.rest.health import Health
from app.rest.lookup import WantedReference, WantedReferences
from app.rest.money.operations import MONEY_OPERATIONS
from app.rest.operation import DECIDE, READ, READ_ONE, Operation
from app.rest.ops.asking import Decision
from app.rest.ops.audit import AuditPage, AuditQuery
from app.rest.ops.held import HeldPage, HeldQuery
from app.rest.ops.quarantine import ContentQuery, QuarantinePage, QuarantineQuery
from app.rest.ops.replays import ReplayAnswer, ReplayRequest
from app.rest.ops.sources import SourcesPage, SourcesQuery
from app.rest.promises import Performance, PerformanceQuery, PromiseLedger
from app.rest.provenance import ShipmentProvenance
from app.rest.query import TIME_COST, DocumentQuery, LookupQuery, OrderListQuery, ShipmentListQuery
from app.rest.shares.operations import SHARE_OPERATIONS
from app.rest.sources import MessagesAnswer
from projections.order_view.shapes import OrderSummary, OrderView
from projections.quarantine.entries import QuarantineEntry
from projections.quarantine.held import HeldEvent
from projections.references import Reference
from projections.shipment_view.shapes import MilestoneView, ShipmentSummary, ShipmentView

# Rendered without freshness; it is added to each of them when they are served. So is whether one is at risk now.
SERVED_WITH_FRESHNESS = (ShipmentView, ShipmentSummary, OrderView, OrderSummary)
SERVED_WITH_RISK = (ShipmentView, ShipmentSummary)


class Milestones(msgspec.Struct, frozen=True):
    """A shipment's milestones in the order they happened."""

    items: tuple[MilestoneView, ...]
    at_risk: bool
    freshness: Freshness


class ShipmentPage(msgspec.Struct, frozen=True):
    items: tuple[ShipmentSummary, ...]
    next_cursor: str | None
    freshness: Freshness


class OrderPage(msgspec.Struct, frozen=True):
    items: tuple[OrderSummary, ...]
    next_cursor: str | None
    freshness: Freshness


class ShipmentMatch(msgspec.Struct, frozen=True, tag_field="kind", tag="shipment"):
    """A shipment found, and the reference it was found by."""

    matched: Reference
    shipment: ShipmentSummary


class OrderMatch(msgspec.Struct, frozen=True, tag_field="kind", tag="order"):
    """An order found, and the reference it was found by."""

    matched: Reference
    order: OrderSummary


class LookupAnswer(msgspec.Struct, frozen=True):
    items: tuple[ShipmentMatch | OrderMatch, ...]
    freshness: Freshness


class FoundReference(WantedReference, frozen=True, kw_only=True):
    """An identifier looked up, and what it names: nothing, one thing or several."""

    matches: tuple[ShipmentMatch | OrderMatch, ...]


class LookupManyAnswer(msgspec.Struct, frozen=True):
    """In the order of the identifiers asked for."""

    items: tuple[FoundReference, ...]
    freshness: Freshness


_OF_A_TIME = (*READ_ONE, 422)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="listShipments", method="get", path="/v1/shipments", tag="Shipments", scope="shipments:read",
        summary="Your shipments, the newest first.", query=ShipmentListQuery, answer=ShipmentPage, refusals=READ,
        worded=True, cost=5,
    ),
    Operation(
        id="getShipment", method="get", path="/v1/shipments/{id}", tag="Shipments", scope="shipments:read",
        summary="One shipment: where it is, how far it has come, what is late and why.",
        answer=ShipmentView, conditional=True, worded=True, query=DocumentQuery, refusals=_OF_A_TIME,
    ),
    Operation(
        id="getShipmentMilestones", method="get", path="/v1/shipments/{id}/milestones", tag="Shipments",
        scope="shipments:read", summary="What has happened to a shipment, in the order it happened.",
        answer=Milestones, conditional=True, worded=True, query=DocumentQuery, refusals=_OF_A_TIME,
    ),
    Operation(
        id="getShipmentProvenance", method="get", path="/v1/shipments/{id}/provenance", tag="Shipments",
        scope="shipments:read", summary="Who said each field of a shipment, by which rule it counts, and what lost against it.",
        answer=ShipmentProvenance, refusals=_OF_A_TIME, cost=TIME_COST,
    ),
    Operation(
        id="getShipmentPromises", method="get", path="/v1/shipments/{id}/promises", tag="Promises",
        scope="shipments:read", summary="Each ETA and promise you were shown of a shipment, and how it turned out.",
        answer=PromiseLedger, refusals=READ_ONE,
    ),
    Operation(
        id="getPerformance", method="get", path="/v1/performance", tag="Promises", scope="shipments:read",
        summary="How many deliveries were on time and how good ETAs were: over all, per carrier and per lane.",
        query=PerformanceQuery, answer=Performance, refusals=READ, cost=5,
    ),
    Operation(
        id="listOrders", method="get", path="/v1/orders", tag="Orders", scope="orders:read",
        summary="Your orders, the newest first.", query=OrderListQuery, answer=OrderPage, refusals=READ,
        worded=True, cost=5,
    ),
    Operation(
        id="getOrder", method="get", path="/v1/orders/{id}", tag="Orders", scope="orders:read",
        summary="One order: its lines, and the shipments that bring them.",
        answer=OrderView, conditional=True, worded=True, query=DocumentQuery, refusals=_OF_A_TIME,
    ),
    *DOCUMENT_OPERATIONS,
    *MONEY_OPERATIONS,
    Operation(
        id="lookUp", method="get", path="/v1/lookup", tag="Look-up", scope="shipments:read",
        summary="What any identifier names: an order or PO number, a tracking or PRO number, an SSCC, …",
        query=LookupQuery, answer=LookupAnswer, worded=True, refusals=READ, cost=2,
    ),
    Operation(
        id="lookUpMany", method="post", path="/v1/lookup", tag="Look-up", scope="shipments:read",
        summary="What each of up to 200 identifiers names, in their order; up to 20 things each.",
        body=WantedReferences, answer=LookupManyAnswer, worded=True, refusals=(*READ, 413, 415), cost=20,
    ),
    Operation(
        id="listExceptions", method="get", path="/v1/exceptions", tag="Exceptions", scope="shipments:read",
        summary="Open problems and delays of all your shipments, the newest first: why, and whose turn it is.",
        query=ExceptionsQuery, answer=ExceptionPage, worded=True, refusals=READ, cost=5,
    ),
    *CARD_OPERATIONS,
    *SHARE_OPERATIONS,
    Operation(
        id="postEvents", method="post", path="/v1/events", tag="Events in", scope="events:write",
        summary="Events from the systems that know: one CloudEvent, or a batch.",
        body="events", status=202, answer=EventsAnswer, refusals=(400, 401, 403, 405, 413, 415, 422, 500, 503),
    ),
    Operation(
        id="postSourceMessages", method="post", path="/v1/sources/{key}/messages", tag="Events in",
        scope="events:write", summary="A declared source's messages in its own format: X12, EDIFACT, EPCIS, DCSA, … A source declared with"
        " a secret proves itself by its signature or key, and needs no token.",
        body="messages", status=202, answer=MessagesAnswer, refusals=(400, 401, 403, 404, 405, 413, 422, 500, 503),
    ),
    Operation(
        id="listSources", method="get", path="/v1/ops/sources", tag="Operations", scope="ops:read",
        summary="Every source heard or declared: when, how far, and what became of its messages.",
        query=SourcesQuery, answer=SourcesPage, refusals=READ,
    ),
    Operation(
        id="listQuarantine", method="get", path="/v1/ops/quarantine", tag="Operations", scope="ops:read",
        summary="What could not be taken, and why; the newest first.", query=QuarantineQuery, answer=QuarantinePage,
        refusals=READ,
    ),
    Operation(
        id="getQuarantineEntry", method="get", path="/v1/ops/quarantine/{entry_id}", tag="Operations",
        scope="ops:read", summary="One refused message.", answer=QuarantineEntry, refusals=READ_ONE,
    ),
    Operation(
        id="getQuarantineContent", method="get", path="/v1/ops/quarantine/{entry_id}/content", tag="Operations",
        scope="ops:read", summary="A refused message's bytes. They may be hostile.", query=ContentQuery, answer=None,
        refusals=READ_ONE,
    ),
    Operation(
        id="discardQuarantineEntry", method="post", path="/v1/ops/quarantine/{entry_id}/discard", tag="Operations",
        scope="ops:replay", summary="Decide that a refused message stays out. It is kept.", body=Decision,
        answer=QuarantineEntry, refusals=DECIDE,
    ),
    Operation(
        id="replay", method="post", path="/v1/ops/replays", tag="Operations", scope="ops:replay",
        summary="Take refused messages again, or say first what that would change in whose views.",
        body=ReplayRequest, answer=ReplayAnswer, refusals=DECIDE,
    ),
    Operation(
        id="listHeld", method="get", path="/v1/ops/held", tag="Operations", scope="ops:read",
        summary="What waits for an order, shipment or load not known yet; the oldest first.", query=HeldQuery,
        answer=HeldPage, refusals=READ,
    ),
    Operation(
        id="getHeldEvent", method="get", path="/v1/ops/held/{event_key}", tag="Operations", scope="ops:read",
        summary="One event that waits.", answer=HeldEvent, refusals=READ_ONE,
    ),
    Operation(
        id="getHeldContent", method="get", path="/v1/ops/held/{event_key}/content", tag="Operations",
        scope="ops:read", summary="A waiting event's bytes. They may be hostile.", answer=None, refusals=READ_ONE,
    ),
    Operation(
        id="discardHeldEvent", method="post", path="/v1/ops/held/{event_key}/discard", tag="Operations",
        scope="ops:replay", summary="Give a waiting event up; the quarantine keeps it, discarded.", body=Decision,
        answer=QuarantineEntry, refusals=DECIDE,
    ),
    Operation(
        id="listHeldTooLong", method="get", path="/v1/ops/worklists/held", tag="Operations", scope="ops:read",
        summary="What has waited longer than it should; the oldest first.", query=HeldQuery, answer=HeldPage,
        refusals=READ,
    ),
    Operation(
        id="listAudit", method="get", path="/v1/ops/audit", tag="Operations", scope="ops:read",
        summary="Who did what, and who read what; the newest first.", query=AuditQuery, answer=AuditPage,
        refusals=READ,
    ),
    Operation(
        id="health", method="get", path="/healthz", tag="Health", scope=None,
        summary="Whether what is served can be believed; 503 when projection has stalled.",
        answer=Health, refusals=(405, 500),
    ),
    Operation(
        id="readiness", method="get", path="/readyz", tag="Health", scope=None,
        summary="Whether requests should be sent here.", answer=Health, refusals=(405, 500),
    ),
)  # fmt: skip

ERROR = ProblemDocument
