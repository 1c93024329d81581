"""Ready documents in Redis: how they are laid out there, and how they are put there newer over older.

Keys: `portal:{tenant}:<epoch>:<id>` holds a packed document; the tenant is the hash tag, so all of a
tenant's lie on one node. `PUBLISHED` says per partition under which epoch, how far and as of
when its documents are there. `portal:pushed` is a short stream of what changed, for process memories, with the
positions between which that is all of it.

An epoch is a generation of a partition's documents. When a publisher cannot be sure that all it
committed reached Redis and stayed there (an outage, a crash in between, a flush), it starts a new one:
old documents are not found any more and run out, instead of being served next to newer ones.
"""

import math
import secrets
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from projections.folding import NO_VIEW, ViewRow
from projections.redis import UNAVAILABLE, Redis, ResponseError
from projections.subjects import is_shipment

# The number is that of the layout: it goes up with every change of `_HEADER`, so that neither publishers nor readers
# take documents of another release, whose epochs go on over a restart, for their own.
PUBLISHED = "portal:published:2"
PUSHED = "portal:pushed"
PUSHED_FIELD = b"d"
STEPS_FIELD = b"s"
PUSHED_MAX_BATCHES = 5_000
TTL_SECONDS = 86_400
_VERSION_DIGITS = 16
_HEADER = struct.Struct(f">{_VERSION_DIGITS}s8sIIId")

# A document goes in only over an older one: publishers and readers may come in any order.
PUT_SCRIPT = """
for i, key in ipairs(KEYS) do
  local known = redis.call('GETRANGE', key, 0, 15)
  if known == '' or known < string.sub(ARGV[i + 1], 1, 16) then
    redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1])
  end
end
"""
# Only a holder of as new a lease may say how far a partition is published, and only where all it said
# before is still there: ARGV has a partition, what was said of it last (empty: nothing yet) and what to
# say now. Answers the partitions that have lost it.
_SAY_SCRIPT = """
local lost = {}
for i = 1, #ARGV, 3 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  local newer = known and tonumber(string.match(known, '^%d+')) > tonumber(string.match(ARGV[i + 2], '^%d+'))
  if not newer then
    if ARGV[i + 1] ~= '' and known ~= ARGV[i + 1] then
      table.insert(lost, ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    end
  end
end
return lost
"""


class Document(msgspec.Struct, frozen=True):
    """A view as it is stored and served. An empty `document`: there is nothing to show any more.

    `sections` says which guarded ones stand at the end of `document`, as `projections.sections` has it.
    `at_risk_from`: the unix time from which it is served as at risk, infinite for never; None for what has no
    promise to keep, an order.
    """

    version: int
    digest: bytes
    sources: bytes
    sections: bytes
    summary: bytes
    document: bytes
    at_risk_from: float | None = None


class Published(msgspec.Struct, frozen=True):
    """How far a partition's documents are in Redis: under which lease token, in which epoch, as of which unix time."""

    token: int
    epoch: str
    position: int
    as_of: float

    @classmethod
    def parse(cls, text: bytes | str) -> "Published":
        words = text if isinstance(text, str) else text.decode()
        token, epoch, position, as_of = words.split(" ")
        return cls(int(token), epoch, int(position), float(as_of))

    def text(self) -> str:
        return f"{self.token} {self.epoch} {self.position} {self.as_of:.6f}"


class Step(msgspec.Struct, frozen=True, array_like=True):
    """How far a push takes a partition: between these positions it tells all that changed, within its epoch.

    Who heard of an epoch up to `before` has missed nothing; a new epoch does not vouch for what came before it.
    """

    epoch: str
    before: int
    position: int


def document_key(tenant: str, epoch: str, subject_id: str) -> str:
    return f"portal:{{{tenant}}}:{epoch}:{subject_id}"


def pack(document: Document) -> bytes:
    """The version leads in fixed-width digits, so that the script compares documents without unpacking them."""
    version = f"{document.version:0{_VERSION_DIGITS}d}".encode()
    digest = document.digest.ljust(8, b"\0")
    lengths = (len(document.sources), len(document.sections), len(document.summary))
    at_risk_from = math.nan if document.at_risk_from is None else document.at_risk_from
    header = _HEADER.pack(version, digest, *lengths, at_risk_from)
    return header + document.sources + document.sections + document.summary + document.document


def unpack(packed: bytes) -> Document:
    version, digest, sources_length, sections_length, summary_length, at_risk_from = _HEADER.unpack_from(packed)
    sources_end = _HEADER.size + sources_length
    sections_end = sources_end + sections_length
    summary_end = sections_end + summary_length
    return Document(
        int(version),
        digest,
        packed[_HEADER.size : sources_end],
        packed[sources_end:sections_end],
        packed[sections_end:summary_end],
        packed[summary_end:],
        None if math.isnan(at_risk_from) else at_risk_from,
    )


def document_of(row: ViewRow) -> Document:
    view = row.rendered
    if view is None:
        return Document(row.version, NO_VIEW, b"", b"", b"", b"")
    sources, sections = " ".join(view.sources).encode(), view.sections.encode()
    at_risk_from = at_risk_from_of(view.at_risk_from) if is_shipment(row.subject_id) else None
    return Document(row.version, row.digest, sources, sections, view.summary, view.document, at_risk_from)


def at_risk_from_of(stored: datetime | None) -> float:
    """A shipment's, as its document carries it."""
    return stored.timestamp() if stored else math.inf


class Publication(msgspec.Struct, frozen=True):
    """A partition's progress to be said once its documents are in."""

    partition: int
    token: int
    position: int
    as_of: datetime


class Publisher:
    """Puts committed documents into Redis. A failure is remembered, not raised: the store has the truth."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._epochs: dict[int, str] = {}
        self._said: dict[int, str] = {}

    async def adopt(self, positions: Mapping[int, int]) -> None:
        """Take partitions on, folded so far: go on in an epoch that holds all of that, else start a new one."""
        self._epochs, self._said = {partition: secrets.token_hex(4) for partition in positions}, {}
        if not positions:
            return
        try:
            answers = await self._redis.hmget(PUBLISHED, [str(partition) for partition in positions])
        except (*UNAVAILABLE, ResponseError):
            return
        for (partition, position), answer in zip(positions.items(), answers, strict=True):
            if answer and (known := Published.parse(answer)).position == position:
                self._epochs[partition], self._said[partition] = known.epoch, known.text()

    async def publish(self, rows: Sequence[tuple[int, ViewRow]], progress: Sequence[Publication]) -> bool:
        """Put documents (with their partition) in, then say how far they go. False when Redis was away."""
        try:
            lost = await self._put(rows, progress)
            if lost:
                self._start_epochs(lost)
                again = [(partition, row) for partition, row in rows if partition in lost]
                await self._put(again, [one for one in progress if one.partition in lost])
        except (*UNAVAILABLE, ResponseError):
            # Whether these arrived is not known: what is published next starts a new epoch.
            self._start_epochs(self._epochs)
            return False
        return True

    def _start_epochs(self, partitions: Iterable[int]) -> None:
        for partition in list(partitions):
            self._epochs[partition] = secrets.token_hex(4)
            self._said.pop(partition, None)

    async def _put(self, rows: Sequence[tuple[int, ViewRow]], progress: Sequence[Publication]) -> set[int]:
        """Put documents in and say how far they go; answers the partitions whose documents Redis has lost."""
        say = {one.partition: self._words(one) for one in progress}
        pipeline = self._redis.pipeline(transaction=False)
        # First, so that no process memory holds on to what was replaced when progress is said.
        pushed = msgspec.msgpack.encode([(row.tenant, row.subject_id, row.version) for _, row in rows])
        steps = msgspec.msgpack.encode({one.partition: self._step(one) for one in progress})
        pipeline.xadd(PUSHED, {PUSHED_FIELD: pushed, STEPS_FIELD: steps}, maxlen=PUSHED_MAX_BATCHES, approximate=True)
        by_tenant: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        for partition, row in rows:
            key = document_key(row.tenant, self._epochs[partition], row.subject_id)
            by_tenant[row.tenant][key] = pack(document_of(row))
        for documents in by_tenant.values():
            pipeline.eval(PUT_SCRIPT, len(documents), *documents, TTL_SECONDS, *documents.values())
        words = [part for partition, text in say.items() for part in (partition, self._said.get(partition, ""), text)]
        pipeline.eval(_SAY_SCRIPT, 1, PUBLISHED, *words)
        answers = await pipeline.execute()
        lost = {int(partition) for partition in answers[-1]}
        self._said.update({partition: text for partition, text in say.items() if partition not in lost})
        return lost

    def _step(self, one: Publication) -> Step:
        said = self._said.get(one.partition)
        return Step(self._epochs[one.partition], Published.parse(said).position if said else 0, one.position)

    def _words(self, one: Publication) -> str:
        return Published(one.token, self._epochs[one.partition], one.position, one.as_of.timestamp()).text()
