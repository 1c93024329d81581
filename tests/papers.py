"""Documents' bytes as a source brings them, and who may ask for what hangs on orders and shipments."""

from typing import Any

import httpx

from projections.references import PaperKind, paper_id
from tests.api import ladder
from tests.fixtures_service import READ, Service

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 4 + b"\n%%EOF\n"
PAPER_SCOPES = (*READ, "documents:read", "charges:read", "invoices:read")
PUT = "/v1/documents/content"


def document_id(document: str = "POD-1", tenant: str = "nordwind", subject_id: str = ladder.SHIPMENT) -> str:
    return paper_id(PaperKind.DOCUMENT, tenant, subject_id, "/tms/main", document)


def invoice_id(number: str = "INV-1", tenant: str = "nordwind", order_id: str = ladder.ORDER) -> str:
    return paper_id(PaperKind.INVOICE, tenant, order_id, number)


async def bring(
    service: Service,
    content: bytes | Any = PDF,
    media_type: str = "application/pdf",
    document: str = "POD-1",
    source: str = "/tms/main",
    **headers: str,
) -> httpx.Response:
    """What the source's own client is answered when it brings a document's bytes."""
    own = await service.headers(None, ("events:write",), sources=("/tms/",))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await service.http.put(
        PUT,
        params={"source": source, "document": document},
        content=content,
        headers=own | {"Content-Type": media_type} | named,
    )


async def read(service: Service, path: str, **options: Any) -> httpx.Response:
    return await service.get(path, scopes=PAPER_SCOPES, **options)
