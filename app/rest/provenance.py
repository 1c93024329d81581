"""`/v1/shipments/{id}/provenance`: where each field of a shipment is from."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem
from app.reads.freshness import Freshness, FreshnessClock
from app.reads.past import Past, TooLongError
from app.rest.access import Access, authorization_of
from app.rest.answers import json_answer
from app.rest.past import too_long
from app.rest.query import unknown_parameters
from auth.policy import visible_sections
from projections.audit.reads import ReadJournal
from projections.provenance.shapes import FieldProvenance
from projections.references import PUBLIC_ID, SubjectKind
from projections.subjects import partition_of

_SHIPMENT = PUBLIC_ID[SubjectKind.SHIPMENT]


class ShipmentProvenance(msgspec.Struct, frozen=True):
    """Every field of a shipment that has a value and that the reader sees, and facts it shows only in part."""

    shipment_id: str
    fields: tuple[FieldProvenance, ...]
    freshness: Freshness


def provenance_handler(access: Access, past: Past, clock: FreshnessClock, journal: ReadJournal) -> HTTPRouteHandler:
    @get("/v1/shipments/{id:str}/provenance")
    async def provenance(request: Request[Any, Any, Any]) -> Response[bytes]:
        principal = await access.reader(authorization_of(request.scope), "shipments:read")
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        shipment_id: str = request.path_params["id"]
        known_id = _SHIPMENT.fullmatch(shipment_id)
        try:
            told = (
                await past.provenance(principal.accounts, shipment_id, visible_sections(principal))
                if known_id
                else None
            )
        except TooLongError:
            raise too_long() from None
        if told is None:
            raise Problem("not_found", "There is no such shipment.")
        journal.note(principal.subject, principal.client_id, told.tenant, shipment_id)
        sources = sorted({one.said.source for one in told.fields if one.said})
        freshness = clock.of(partition_of(told.tenant), " ".join(sources).encode(), "log")
        return json_answer(msgspec.json.encode(ShipmentProvenance(shipment_id, told.fields, freshness)))

    return provenance
