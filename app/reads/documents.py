"""Documents of orders and shipments: what views say of them, and what there is of their bytes."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.reads.database import fetch
from app.reads.path import ReadPath, Served
from projections.database import Pool
from projections.subjects import is_order
from projections.views import DocumentView


class ContentView(msgspec.Struct, frozen=True):
    """A document's bytes: what they are, and since when they are here."""

    media_type: str
    size_bytes: int
    sha256: str
    stored_at: datetime


class Document(DocumentView, frozen=True, kw_only=True):
    """A document by itself: whose it is, of which order or shipment, and its bytes, null while they are not here."""

    tenant: str
    order_id: str | None
    shipment_id: str | None
    content: ContentView | None


class Place(msgspec.Struct, frozen=True):
    """Where a document stands, what its source calls it, and its bytes with their name in the blob store."""

    tenant: str
    id: str
    subject_id: str
    name: str
    content: ContentView | None
    blob_name: str | None


class _Documents(msgspec.Struct):
    documents: tuple[DocumentView, ...]


_DECODER = msgspec.json.Decoder(_Documents)


class Documents:
    def __init__(self, pool: Pool, path: ReadPath) -> None:
        self._pool = pool
        self._path = path

    async def place(self, tenants: tuple[str, ...], document_id: str) -> Place | None:
        """Where the document of this id stands that one of these tenants may see."""
        return next(iter(await self._places(tenants, [document_id])), None)

    async def one(self, tenants: tuple[str, ...], document_id: str) -> tuple[Document, Served] | None:
        """A document, and the view that says so."""
        place = await self.place(tenants, document_id)
        served = await self._path.read((place.tenant,), place.subject_id) if place else None
        if place is None or served is None:
            return None
        for view in _DECODER.decode(served.document.document).documents:
            if view.id == document_id:
                return _document(view, place.tenant, place.subject_id, place.content), served
        return None

    async def of(self, served: Served, subject_id: str) -> list[Document]:
        """The documents of an order or shipment, the first added first."""
        views = _DECODER.decode(served.document.document).documents
        places = await self._places((served.tenant,), [view.id for view in views]) if views else []
        contents = {place.id: place.content for place in places}
        return [_document(view, served.tenant, subject_id, contents.get(view.id)) for view in views]

    async def _places(self, tenants: tuple[str, ...], ids: list[str]) -> Sequence[Place]:
        found = []
        for row in await fetch(self._pool, "documents", tenants, ids):
            tenant, document_id, subject_id, name, media_type, size_bytes, sha256, blob_name, stored_at = row
            # What stands in the columns of the bytes is all there or not at all.
            content = ContentView(media_type, size_bytes, sha256.hex(), stored_at) if media_type else None
            found.append(Place(tenant, document_id, subject_id, name, content, blob_name))
        return found


def _document(view: DocumentView, tenant: str, subject_id: str, content: ContentView | None) -> Document:
    said = {name: getattr(view, name) for name in DocumentView.__struct_fields__}
    order_id, shipment_id = (subject_id, None) if is_order(subject_id) else (None, subject_id)
    return Document(**said, tenant=tenant, order_id=order_id, shipment_id=shipment_id, content=content)
