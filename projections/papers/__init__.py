"""Documents and invoices by themselves: which views show them, kept beside the views in the same transaction."""

from collections.abc import Sequence

from projections.database import Connection
from projections.folding import ViewRow
from projections.sql import load

SQL = load(__package__)


async def write_papers(connection: Connection, rows: Sequence[ViewRow]) -> None:
    """Write what these views show now, in place of what they showed before."""
    if not rows:
        return
    keys = [row.tenant for row in rows], [row.subject_id for row in rows]
    await connection.execute(SQL["forget_documents"], *keys)
    await connection.execute(SQL["forget_invoices"], *keys)
    if documents := _documents(rows):
        await connection.execute(SQL["show_documents"], *zip(*documents, strict=True))
    if invoices := _invoices(rows):
        await connection.execute(SQL["show_invoices"], *zip(*invoices, strict=True))


def _documents(rows: Sequence[ViewRow]) -> list[tuple[object, ...]]:
    return [
        (row.tenant, one.id, row.subject_id, one.source, one.document)
        for row in rows
        if row.rendered
        for one in row.rendered.documents
    ]


def _invoices(rows: Sequence[ViewRow]) -> list[tuple[object, ...]]:
    return [
        (
            *(row.tenant, one.id, row.subject_id, row.version, one.status, one.posted_at, one.due_at),
            *(" ".join(one.sources), one.body),
        )
        for row in rows
        if row.rendered
        for one in row.rendered.invoices
    ]
