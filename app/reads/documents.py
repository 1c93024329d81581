"""Documents of orders and shipments: what views say of them, and what there is of their bytes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.reads.database import fetch
from app.reads.path import ReadPath, Served
from projections.database import Pool
from projections.references import PaperKind, paper_id
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


class _Shown(msgspec.Struct, frozen=True):
    """A document as its view says it, without its id: views of an older release have none yet."""

    document: str
    kind: str
    title: str | None
    signed_by: str | None
    added_at: datetime
    source: str


class _Documents(msgspec.Struct):
    documents: tuple[_Shown, ...]


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
        return (await self.several(tenants, [document_id])).get(document_id)

    async def several(self, tenants: tuple[str, ...], ids: list[str]) -> dict[str, tuple[Document, Served]]:
        """Those of these documents there are, by id, each with the view that says so; all read at once."""
        places = await self._places(tenants, ids)
        subjects = list({(place.tenant, place.subject_id) for place in places})
        read = await asyncio.gather(*(self._path.read((tenant,), subject_id) for tenant, subject_id in subjects))
        views = {
            view.id: (view, served) for served in read if served is not None for view in _views(served, served.key[1])
        }
        found = {place.id: (place, *views[place.id]) for place in places if place.id in views}
        return {
            document_id: (_document(view, place.tenant, place.subject_id, place.content), served)
            for document_id, (place, view, served) in found.items()
        }

    async def contents(self, tenants: tuple[str, ...], ids: list[str]) -> dict[str, ContentView | None]:
        """What there is of the bytes of these documents, by id."""
        return {place.id: place.content for place in await self._places(tenants, ids)}

    async def of(self, served: Served, subject_id: str) -> list[Document]:
        """The documents of an order or shipment, the first added first."""
        views = _views(served, subject_id)
        contents = await self.contents((served.tenant,), [view.id for view in views]) if views else {}
        return [_document(view, served.tenant, subject_id, contents.get(view.id)) for view in views]

    async def _places(self, tenants: tuple[str, ...], ids: list[str]) -> Sequence[Place]:
        found = []
        for row in await fetch(self._pool, "documents", tenants, ids):
            tenant, document_id, subject_id, name, media_type, size_bytes, sha256, blob_name, stored_at = row
            # What stands in the columns of the bytes is all there or not at all.
            content = ContentView(media_type, size_bytes, sha256.hex(), stored_at) if media_type else None
            found.append(Place(tenant, document_id, subject_id, name, content, blob_name))
        return found


def _views(served: Served, subject_id: str) -> list[DocumentView]:
    return [
        DocumentView(
            paper_id(PaperKind.DOCUMENT, served.tenant, subject_id, one.source, one.document),
            *msgspec.structs.astuple(one),
        )
        for one in _DECODER.decode(served.document.document).documents
    ]


def _document(view: DocumentView, tenant: str, subject_id: str, content: ContentView | None) -> Document:
    said = {name: getattr(view, name) for name in DocumentView.__struct_fields__}
    order_id, shipment_id = (subject_id, None) if is_order(subject_id) else (None, subject_id)
    return Document(**said, tenant=tenant, order_id=order_id, shipment_id=shipment_id, content=content)
