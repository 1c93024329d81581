"""A shipment's document made now from all the log has of it, ahead of the projector."""

from datetime import datetime

from projections.cache import Document, document_of
from projections.checkpoint import SQL
from projections.database import Connection
from projections.envelope import decode_stored
from projections.folding import States, Touched, fold_shipments

_EVERYTHING = 2**63 - 1


async def refold(connection: Connection, tenant: str, shipment_id: str) -> tuple[Document, datetime] | None:
    """The document as the projector will make it, and the time before which all that was accepted is in it.

    None when there is nothing to show. Its version is the position of the last event about it.
    """
    # Before the log is read, as the projector does it.
    as_of = await connection.fetchval(SQL["now"])
    rows = await connection.fetch(SQL["history"], [shipment_id], [_EVERYTHING])
    if not rows:
        return None
    events = [decode_stored(row["body"], row["authority"]) for row in rows]
    subject = Touched(tenant, rows[-1]["position"], rows[-1]["recorded_at"], events)
    work, _, _ = fold_shipments({shipment_id: subject}, States({}, {}), {shipment_id: events})
    return (document_of(work.views[0]), as_of) if work.views else None
