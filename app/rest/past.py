"""`?as_of=` and `?effective_at=`: a document as it was shown at a time, or as things stood by then."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.edge import Scope
from app.problems import Problem
from app.reads.freshness import words_of_then
from app.reads.past import BYTES_MAX, ROWS_MAX, Past, TooLongError
from app.reads.path import ReadPath, Served, risk_words
from app.reads.shown import shown_of
from app.rest.query import TIME_COST, DocumentQuery, invalid_parameter
from app.surcharge import Surcharge
from auth.policy import visible_sections
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.words.catalogue import ENGLISH


class PastReads:
    """Answers about another time; each is folded anew, and costs accordingly."""

    def __init__(self, past: Past, path: ReadPath, journal: ReadJournal, surcharge: Surcharge) -> None:
        self._past = past
        self._path = path
        self._journal = journal
        self._surcharge = surcharge

    async def body(
        self,
        principal: Principal,
        subject_id: str | None,
        kind: str,
        part: Callable[[bytes], bytes],
        query: DocumentQuery,
        scope: Scope,
    ) -> bytes:
        """The part of the document of then, with its freshness. `subject_id` None: no id of this kind."""
        at, is_shown = _asked(query)
        await self._surcharge(scope, principal, TIME_COST)
        ask = self._past.shown if is_shown else self._past.happened
        try:
            found = await ask(principal.accounts, subject_id, at) if subject_id else None
        except TooLongError:
            raise too_long() from None
        if found is None or subject_id is None:
            # The same whether there was none then, it is another's or nobody's.
            raise Problem("not_found", f"There was no such {kind} at that time.")
        self._journal.note(principal.subject, principal.client_id, found.tenant, subject_id)
        shown = shown_of(found.document, visible_sections(principal), ENGLISH)
        # At risk, or not yet, by the time asked about.
        risk = risk_words(found.document.at_risk_from, at.timestamp())
        if is_shown:
            said = words_of_then(found.document.sources, at)
        else:
            said = self._path.said(Served((found.tenant, subject_id), found.document, "log")).words
        return b'%b,%b"freshness":%b}' % (part(shown)[:-1], risk, said)


def too_long() -> Problem:
    detail = f"It has more than {ROWS_MAX} events or {BYTES_MAX} bytes of them, which is the limit for such questions."
    return Problem("history_too_long", detail)


def _asked(query: DocumentQuery) -> tuple[datetime, bool]:
    """The time asked about, and whether it is about what was shown then."""
    if query.as_of is not None and query.effective_at is not None:
        raise invalid_parameter("effective_at", "not together with as_of")
    name, at = ("as_of", query.as_of) if query.as_of is not None else ("effective_at", query.effective_at)
    if at is None:
        raise ValueError("it asks for no other time")
    if at > datetime.now(UTC):
        raise invalid_parameter(name, "in the future")
    return at, name == "as_of"
