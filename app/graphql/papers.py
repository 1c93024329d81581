"""Documents and invoices by themselves: what REST answers of them, those asked for at the same time read at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from strawberry.dataloader import DataLoader

from app.reads.documents import ContentView
from projections.references import PUBLIC_ID, PaperKind
from projections.subjects import is_order, partition_of

if TYPE_CHECKING:
    from app.graphql.reading import Reading

Source = dict[str, Any]
_DOCUMENT_ID, _INVOICE_ID = PUBLIC_ID[PaperKind.DOCUMENT], PUBLIC_ID[PaperKind.INVOICE]


def with_papers(source: Source) -> Source:
    """An order or shipment whose documents and invoices say, as they do by themselves, whose they are and of what."""
    whose = {"tenant": source["tenant"], "freshness": source["freshness"]}
    order = is_order(source["id"])
    for document in source.get("documents", ()):
        document.update(whose, **{("order_id" if order else "shipment_id"): source["id"]})
    for invoice in source.get("invoices", ()):
        invoice.update(whose, order_id=source["id"], order_number=source["number"])
    return source


class Papers:
    """One principal's reads of them in one request."""

    def __init__(self, reading: "Reading") -> None:
        self._reading = reading
        self._documents: DataLoader[str, Source | None] = DataLoader(load_fn=self._load_documents)
        self._contents: DataLoader[str, ContentView | None] = DataLoader(load_fn=self._load_contents)
        self._invoices: DataLoader[str, Source | None] = DataLoader(load_fn=self._load_invoices)

    async def document(self, document_id: str) -> Source | None:
        """A document with its freshness, or None: the same for another's as for nobody's."""
        self._reading.require_section("documents")
        return await self._documents.load(document_id) if _DOCUMENT_ID.fullmatch(document_id) else None

    async def invoice(self, invoice_id: str) -> Source | None:
        """An invoice with its freshness, or None likewise."""
        self._reading.require_section("invoices")
        return await self._invoices.load(invoice_id) if _INVOICE_ID.fullmatch(invoice_id) else None

    async def content(self, document_id: str) -> Source | None:
        """What there is of the bytes of a document that is shown."""
        content = await self._contents.load(document_id)
        if content is None:
            return None
        url = f"{self._reading.reads.public_url}/v1/documents/{document_id}/content"
        source: Source = msgspec.to_builtins(content)
        return source | {"url": url}

    async def _load_documents(self, ids: list[str]) -> Sequence[Source | None]:
        found = await self._reading.reads.documents.several(self._reading.principal.accounts, ids)
        sources: dict[str, Source] = {}
        for document_id, (document, served) in found.items():
            self._reading.note(document.tenant, document_id)
            self._contents.prime(document_id, document.content)
            sources[document_id] = self._reading.decoded(msgspec.json.encode(document), served)
        return [sources.get(one) for one in ids]

    async def _load_contents(self, ids: list[str]) -> Sequence[ContentView | None]:
        contents = await self._reading.reads.documents.contents(self._reading.principal.accounts, ids)
        return [contents.get(one) for one in ids]

    async def _load_invoices(self, ids: list[str]) -> Sequence[Source | None]:
        found = await self._reading.reads.invoices.several(self._reading.principal.accounts, ids)
        sources: dict[str, Source] = {}
        for invoice_id, one in found.items():
            self._reading.note(one.tenant, invoice_id)
            words = self._reading.words(partition_of(one.tenant), one.sources)
            sources[invoice_id] = msgspec.json.decode(one.body) | {"freshness": words}
        return [sources.get(one) for one in ids]
