"""IFTSTA, the international multimodal status report, of any directory (UN/EDIFACT D.96A to D.10B and later)."""

from collections.abc import Iterable, Iterator, Sequence

from projections.event import Rejection, RejectionReason
from projections.events import About, EventRetracted
from projections.sources.adapter import Ignored, Rejected, Source, Taken, placed_in_time
from projections.sources.canonical import Statement, canonical, event_id
from projections.sources.codes.edifact import DOCUMENT_DATE, TAKES_BACK, TEST_FUNCTION
from projections.sources.edifact.envelope import ENCODINGS, Fault, Message, messages
from projections.sources.edifact.segments import Segment, parse
from projections.sources.edifact.statements import statements
from projections.sources.edifact.structure import Status, Structure, structure
from projections.sources.edifact.times import Unreadable, read

_FIRST_PRINTABLE = " "
_DELETE = "\x7f"


def edifact(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:
    """Read a file of interchanges message by message, in memory for one message. Never raises for any bytes.

    Each status (STS) of a message gives at least one outcome. A message whose envelope, count or characters are wrong
    is rejected whole; a status that cannot be placed is rejected alone. A cancellation (BGM 1225) takes back the
    events its own content gave when it was first sent.
    """
    for found in messages(chunks):
        if isinstance(found, Fault):
            yield _rejected(found.reason, found.detail, source, found.raw)
        else:
            yield from _taken(found, source)


def _rejected(reason: RejectionReason, detail: str, source: Source, raw: bytes) -> Rejected:
    return Rejected(Rejection(reason, detail, source=source.name), raw)


def _taken(message: Message, source: Source) -> Iterator[Taken]:
    where = f"message {message.reference or 'without reference'}"
    if message.is_test:
        yield Ignored(f"{where} is a test (UNB 0035)", message.raw)
    elif message.type == "CONTRL":
        yield Ignored(f"{where} acknowledges what was sent (CONTRL)", message.raw)
    elif message.type != "IFTSTA":
        detail = f"{where} is of type {message.type or 'unknown'}; IFTSTA is read here"
        yield _rejected(RejectionReason.UNKNOWN_TYPE, detail, source, message.raw)
    else:
        try:
            segments = _parsed(message)
        except Unreadable as problem:
            yield _rejected(problem.reason, f"{where}: {problem.detail}", source, message.raw)
        else:
            yield from _statuses(message, structure(segments), source)


def _parsed(message: Message) -> Sequence[Segment]:
    """The message's segments as text of its repertoire; an unknown repertoire may hold what all share, ASCII."""
    encoding = ENCODINGS.get(message.repertoire, "ascii")
    parsed = []
    for segment in message.segments:
        try:
            parsed.append(parse(segment, encoding))
        except UnicodeDecodeError as error:
            byte = segment.raw.replace(b"\r", b"").replace(b"\n", b"")[error.start]
            detail = f"segment {segment.position} ({segment.tag}) has the byte {byte:#04x}, not of {message.repertoire}"
            raise Unreadable(RejectionReason.MALFORMED, detail) from None
        if any(_is_control(text) for element in parsed[-1].elements for text in element):
            detail = f"segment {segment.position} ({segment.tag}) has a control character"
            raise Unreadable(RejectionReason.MALFORMED, detail)
    return parsed


def _is_control(text: str) -> bool:
    return any(character < _FIRST_PRINTABLE or character == _DELETE for character in text)


def _statuses(message: Message, found: Structure, source: Source) -> Iterator[Taken]:
    where = f"message {message.reference}"
    bgm = next(iter(found.header.all("BGM")), None)
    function = bgm.get(3) if bgm else ""
    if function == TEST_FUNCTION:
        yield Ignored(f"{where} is a test (BGM 1225)", message.raw)
        return
    if not found.statuses:
        detail = f"{where}: no STS, so no status"
        yield _rejected(RejectionReason.INVALID, detail, source, message.raw)
    for status in found.statuses:
        try:
            said = statements(status, source, consignments_count=found.consignments_count)
            if function in TAKES_BACK:
                said = [_taken_back(statement, status, source) for statement in said]
        except Unreadable as problem:
            yield _rejected(problem.reason, f"{where}: {problem.detail}", source, message.raw)
            continue
        if not said:
            yield Ignored(f"{where}: segment {status.lead.position} (STS) says nothing we keep", message.raw)
        for statement in said:
            yield canonical(statement, source, message.raw)


def _taken_back(statement: Statement, status: Status, source: Source) -> Statement:
    """The retraction of what the same content gave before: its id is derived from nothing else."""
    made = read(status.header.all("DTM"), DOCUMENT_DATE)
    at = placed_in_time(made, source)[0] if made else statement.at
    about = statement.data.about if isinstance(statement.data, About) else None
    if about is None:
        raise Unreadable(RejectionReason.INVALID, "only what is about a shipment can be taken back")
    return Statement(EventRetracted(about=about, retracts=event_id(statement)), at, statement.tenant, "iftsta")
