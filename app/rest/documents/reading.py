"""Documents as their customers ask for them: what they are, their bytes, and links to those."""

import time
from datetime import UTC, datetime
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem
from app.reads.documents import Document, Documents, Place
from app.reads.path import ReadPath, Served
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, json_answer
from app.rest.conditions import conditional_answer
from app.rest.documents.content import content_answer
from app.rest.documents.operations import NewLink
from app.rest.query import unknown_parameters
from auth.links import Link, LinkKey
from auth.policy import require_section
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.blobs import Blobs
from projections.references import PUBLIC_ID, PaperKind, SubjectKind

AnyRequest = Request[Any, Any, Any]
LINK_SECONDS: Final = 300
# Who opens a link is whoever was given it; who made it is noted when it is made.
_WHOEVER: Final = "link"
_DOCUMENT_ID, _SHIPMENT_ID = PUBLIC_ID[PaperKind.DOCUMENT], PUBLIC_ID[SubjectKind.SHIPMENT]


class DocumentDesk:
    """Who asks for a document, whether they may, and which it is; and the note that they did."""

    def __init__(
        self, access: Access, documents: Documents, path: ReadPath, blobs: Blobs, journal: ReadJournal
    ) -> None:
        self.documents = documents
        self.path = path
        self.blobs = blobs
        self._access = access
        self._journal = journal

    async def reader(self, request: AnyRequest) -> Principal:
        principal = await self._access.reader(authorization_of(request.scope), "documents:read")
        require_section(principal, "documents")
        no_parameters(request)
        return principal

    async def place(self, principal: Principal, document_id: str) -> Place:
        """The document of theirs with this id and bytes."""
        found = None
        if _DOCUMENT_ID.fullmatch(document_id):
            found = await self.documents.place(principal.accounts, document_id)
        if found is None or found.content is None:
            raise no_document()
        self.note(principal, found.tenant, document_id)
        return found

    async def document(self, principal: Principal, document_id: str) -> tuple[Document, Served]:
        """The document of theirs with this id, and the view that says so."""
        found = None
        if _DOCUMENT_ID.fullmatch(document_id):
            found = await self.documents.one(principal.accounts, document_id)
        if found is None:
            raise no_document()
        self.note(principal, found[0].tenant, document_id)
        return found

    async def linked(self, link: Link) -> Place:
        """The document a link was made for, if it is still there."""
        found = await self.documents.place((link.tenant,), link.document_id)
        if found is None:
            raise no_document()
        self._journal.note(_WHOEVER, _WHOEVER, found.tenant, found.id)
        return found

    async def shipment(self, principal: Principal, shipment_id: str) -> Served:
        served = None
        if _SHIPMENT_ID.fullmatch(shipment_id):
            served = await self.path.read(principal.accounts, shipment_id)
        if served is None:
            raise Problem("not_found", "There is no such shipment.")
        self.note(principal, served.tenant, shipment_id)
        return served

    def note(self, principal: Principal, tenant: str, document_id: str) -> None:
        self._journal.note(principal.subject, principal.client_id, tenant, document_id)


def no_document() -> Problem:
    """The same whether it is another's, nobody's, gone, or without bytes."""
    return Problem("not_found", "There is no such document.")


def no_parameters(request: AnyRequest) -> None:
    """Raise a problem that names what was asked where nothing can be."""
    if request.scope["query_string"]:
        raise unknown_parameters(request.scope["query_string"], ())


def document_handlers(desk: DocumentDesk, link_key: LinkKey, public_url: str) -> list[HTTPRouteHandler]:
    @get("/v1/shipments/{id:str}/documents")
    async def list_documents(request: AnyRequest) -> Response[bytes]:
        principal = await desk.reader(request)
        served = await desk.shipment(principal, request.path_params["id"])
        items = await desk.documents.of(served, request.path_params["id"])
        body = b'{"items":%b}' % encode(items)
        return conditional_answer(request, body, desk.path.said(served))

    @get("/v1/documents/{id:str}")
    async def get_document(request: AnyRequest) -> Response[bytes]:
        principal = await desk.reader(request)
        document, served = await desk.document(principal, request.path_params["id"])
        body = encode(document)
        return conditional_answer(request, body, desk.path.said(served))

    @get("/v1/documents/{id:str}/content")
    async def get_content(request: AnyRequest) -> Response[Any]:
        principal = await desk.reader(request)
        return await content_answer(request, await desk.place(principal, request.path_params["id"]), desk.blobs)

    @post("/v1/documents/{id:str}/links", status_code=201)
    async def create_link(request: AnyRequest) -> Response[bytes]:
        principal = await desk.reader(request)
        place = await desk.place(principal, request.path_params["id"])
        expires_at = int(time.time()) + LINK_SECONDS
        token = link_key.sign(Link(place.tenant, place.id, expires_at))
        made = NewLink(f"{public_url}/v1/links/{token}", datetime.fromtimestamp(expires_at, UTC))
        return json_answer(encode(made), 201)

    @get("/v1/links/{token:str}")
    async def open_link(request: AnyRequest) -> Response[Any]:
        no_parameters(request)
        link = link_key.open(request.path_params["token"], time.time())
        if link is None:
            raise no_document()
        return await content_answer(request, await desk.linked(link), desk.blobs)

    return [list_documents, get_document, get_content, create_link, open_link]
