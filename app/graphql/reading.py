"""What one request reads: the same path, policy and documents as REST, each document once."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

import msgspec
from strawberry.dataloader import DataLoader

from app.graphql.papers import Papers, with_papers
from app.graphql.refusals import refuse
from app.live.feed import ChangeFeed
from app.reads.changes import Changes
from app.reads.cursors import BrokenCursorError
from app.reads.documents import Documents
from app.reads.exceptions import Exceptions
from app.reads.freshness import FreshnessClock
from app.reads.invoices import Invoices
from app.reads.lists import Filters, Kind, Lists, Page, Row
from app.reads.lookup import MATCHES_OF_ONE, Asked, Lookup, Match
from app.reads.path import ReadPath, Served
from app.reads.shown import shown_of
from auth.policy import GUARDS, require, visible_sections
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.references import PUBLIC_ID, PaperKind, ReferenceType, SubjectKind
from projections.subjects import is_order, is_shipment, partition_of
from projections.words.catalogue import Language

Source = dict[str, Any]
_IDS = {kind: PUBLIC_ID[SubjectKind(kind)] for kind in ("shipment", "order")}


class Reads(msgspec.Struct, frozen=True):
    """Where everything is read from; `public_url` is what paths of REST begin with."""

    path: ReadPath
    lists: Lists
    lookup: Lookup
    documents: Documents
    invoices: Invoices
    exceptions: Exceptions
    changes: Changes
    feed: ChangeFeed
    clock: FreshnessClock
    journal: ReadJournal
    public_url: str


class Reading:
    """One principal's reads in one request: the context of every resolver."""

    def __init__(self, reads: Reads, principal: Principal, language: Language) -> None:
        self.principal = principal
        self.language = language
        self.reads = reads
        self._visible = visible_sections(principal)
        # Each document once, so that an answer does not contradict itself.
        self._known: dict[str, Source | None] = {}
        self._missing: set[str] = set()

    @cached_property
    def papers(self) -> Papers:
        """Documents and invoices by themselves."""
        return Papers(self)

    def require(self, scope: str) -> None:
        """Raise Forbidden, naming the scope, unless the principal holds it."""
        require(self.principal, scope)

    def require_section(self, name: str) -> None:
        """Raise unless the principal may see this guarded section."""
        self.require(GUARDS[name].scope)
        if name not in self._visible:
            raise refuse("FORBIDDEN", "Not shown to who only receives the goods.")

    def document(self, kind: Literal["shipment", "order"], subject_id: str) -> Source | Awaitable[Source | None] | None:
        """A decoded document with its freshness, or None: the same for another's as for nobody's."""
        self.require(f"{kind}s:read")
        if not _IDS[kind].fullmatch(subject_id):
            return None
        if subject_id in self._known:
            return self._known[subject_id]
        served = self.reads.path.remembered(self.principal.accounts, subject_id)
        return self._shown(subject_id, served) if served is not None else self._loader.load(subject_id)

    def node(self, node_id: str) -> Source | Awaitable[Source | None] | None:
        """What has this id, of whatever kind the id says."""
        if is_shipment(node_id):
            return self.document("shipment", node_id)
        if is_order(node_id):
            return self.document("order", node_id)
        paper = next((kind for kind in PaperKind if PUBLIC_ID[kind].fullmatch(node_id)), None)
        if paper is None:
            return None
        return self.papers.document(node_id) if paper is PaperKind.DOCUMENT else self.papers.invoice(node_id)

    def document_at_hand(self, kind: Literal["shipment", "order"], subject_id: str | None) -> Source | None:
        """As `document`, without waiting: None also for what is missing until `fetch_missing` has read it."""
        if subject_id is None:
            return None
        found = self._known[subject_id] if subject_id in self._known else self.document(kind, subject_id)
        if found is None or isinstance(found, dict):
            return found
        self._missing.add(subject_id)
        return None

    async def fetch_missing(self) -> bool:
        """Read all that was missing, at once; whether anything was."""
        missing, self._missing = list(self._missing), set()
        if missing:
            await self._loader.load_many(missing)
        return bool(missing)

    def may_see(self, scopes: frozenset[str], sections: frozenset[str]) -> bool:
        """Whether nothing of these would be refused."""
        return self.principal.card is None and scopes <= self.principal.scopes and sections <= self._visible

    @cached_property
    def _loader(self) -> DataLoader[str, Source | None]:
        """All ids that are asked for in one turn of the loop are one read."""
        return DataLoader(load_fn=self._load)

    async def _load(self, ids: list[str]) -> Sequence[Source | None]:
        accounts, path = self.principal.accounts, self.reads.path
        # Gathered by the path into one call to Redis and one to Postgres.
        found = await asyncio.gather(*(path.read(accounts, one) for one in ids))
        return [self._shown(one, served) for one, served in zip(ids, found, strict=True)]

    def _shown(self, subject_id: str, served: Served | None) -> Source | None:
        """A document as decoded JSON with its freshness, noted as read."""
        if served is None:
            self._known[subject_id] = None
            return None
        shown = shown_of(served.document, self._visible, self.language)
        source = self._known[subject_id] = with_papers(self.decoded(shown, served))
        self.note(served.tenant, subject_id)
        return source

    def decoded(self, document: bytes, served: Served) -> Source:
        source: Source = msgspec.json.decode(self.reads.path.with_freshness(document, served))
        return source

    def note(self, tenant: str, subject_id: str) -> None:
        self.reads.journal.note(self.principal.subject, self.principal.client_id, tenant, subject_id)

    async def page(
        self, kind: Kind, filters: Filters, *, newest_first: bool, limit: int, cursor: str | None
    ) -> Page[Row]:
        """A page of summaries."""
        with self.refusing_cursors():
            return await self.reads.lists.page(
                kind, self.principal.accounts, filters, newest_first=newest_first, limit=limit, cursor=cursor
            )

    @contextmanager
    def refusing_cursors(self) -> Iterator[None]:
        """What is done under this is refused when its cursor does not fit."""
        try:
            yield
        except BrokenCursorError as error:
            raise refuse("BROKEN_CURSOR", str(error)) from None

    async def look_up(self, reference: str, reference_type: str | None) -> Sequence[tuple[Match, Source | None]]:
        """What an identifier names, with the documents. Orders are another scope's: without it they are not mentioned."""
        kind = ReferenceType(reference_type) if reference_type else None
        (found,) = await self.reads.lookup.find(self.principal.accounts, [Asked(reference, kind)], MATCHES_OF_ONE)
        orders = "orders:read" in self.principal.scopes
        return [
            (one, self._shown(one.subject_id, one.served))
            for one in found
            if orders or not _IDS["order"].fullmatch(one.subject_id)
        ]

    def freshness_of_list(self, sources: Mapping[tuple[str, bytes], Any] | None = None) -> Source:
        """That of the account that is furthest behind, with all sources that are named."""
        named = b" ".join(sorted({one for _, several in sources or () for one in several.split()}))
        partition = self.reads.clock.furthest_behind(map(partition_of, self.principal.accounts))
        return self.words(partition, named)

    def words(self, partition: int, sources: bytes) -> Source:
        words: Source = msgspec.json.decode(self.reads.clock.words(partition, sources, "postgres"))
        return words
