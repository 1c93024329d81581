"""Operations on documents, and the shapes they answer with."""

from datetime import datetime
from typing import Annotated

import msgspec

from app.reads.documents import Document
from app.reads.freshness import Freshness
from app.rest.documents.media import MEDIA_TYPES
from app.rest.operation import READ_ONE, Operation
from app.rest.query import Words


class ServedDocument(Document, frozen=True, kw_only=True):
    """A document by itself, with the freshness of the order or shipment that shows it."""

    freshness: Freshness


class DocumentPage(msgspec.Struct, frozen=True):
    """All documents of a shipment, the first added first."""

    items: tuple[Document, ...]
    freshness: Freshness


class NewLink(msgspec.Struct, frozen=True):
    """Opens a document's bytes without a token, to whoever has it."""

    url: str
    expires_at: datetime


class StoredAnswer(msgspec.Struct, frozen=True):
    """What is stored now; the digest is that of the bytes as they came."""

    media_type: str
    size_bytes: int
    sha256: str


class ContentOfQuery(msgspec.Struct, frozen=True, kw_only=True):
    source: Annotated[Words, msgspec.Meta(description="The source that says there is the document: `/carrier/abfs`.")]
    document: Annotated[Words, msgspec.Meta(description="What that source calls it.")]


_CONTENT = (400, 404, 405, 416, 500, 503)
_DOCUMENTS = "Documents"

DOCUMENT_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="listShipmentDocuments", method="get", path="/v1/shipments/{id}/documents", tag=_DOCUMENTS,
        scope="documents:read", summary="The documents of a shipment: proofs of delivery, customs papers, …",
        answer=DocumentPage, conditional=True, refusals=READ_ONE,
    ),
    Operation(
        id="getDocument", method="get", path="/v1/documents/{id}", tag=_DOCUMENTS, scope="documents:read",
        summary="One document: what it is, of which shipment or order, and whether its bytes are here.",
        answer=ServedDocument, conditional=True, refusals=READ_ONE,
    ),
    Operation(
        id="getDocumentContent", method="get", path="/v1/documents/{id}/content", tag=_DOCUMENTS,
        scope="documents:read", summary="A document's bytes, whole or in part.", answer=None, conditional=True,
        in_parts=True, media_types=MEDIA_TYPES, refusals=(401, 403, *_CONTENT),
    ),
    Operation(
        id="createDocumentLink", method="post", path="/v1/documents/{id}/links", tag=_DOCUMENTS,
        scope="documents:read", summary="A link that opens a document's bytes for five minutes, without a token.",
        status=201, answer=NewLink, refusals=READ_ONE,
    ),
    Operation(
        id="openDocumentLink", method="get", path="/v1/links/{token}", tag=_DOCUMENTS, scope=None,
        summary="The bytes a link was made for; 404 when it is over or was never made.", answer=None,
        conditional=True, in_parts=True, media_types=MEDIA_TYPES,
        # It needs no token, but one that is sent is looked at and counted.
        refusals=(401, 429, *_CONTENT),
    ),
    Operation(
        id="putDocumentContent", method="put", path="/v1/documents/content", tag="Events in", scope="events:write",
        summary="The bytes of a document, from the source that said there is one. Those before are replaced.",
        query=ContentOfQuery, body="document", answer=StoredAnswer,
        refusals=(400, 401, 403, 404, 405, 409, 413, 415, 500, 503),
    ),
)  # fmt: skip
