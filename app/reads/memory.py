"""Documents in this process's memory, dropped the moment a newer one is known to exist.

Pushes (`projections.cache.PUSHED`) name what changed. While they cannot be heard, nothing here is
believed: `valid_until` moves on only as long as they are. What was believed until then is kept as old
copies, for when nobody else answers: each with the time up to which it is known to be complete.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec

from projections.cache import TTL_SECONDS, Document, Step
from projections.subjects import partition_of

Key = tuple[str, str]
MAX_FLOORS = 50_000
# As long as a document is kept in Redis, and as clients are told they may keep one (`stale-if-error`).
OLD_SECONDS = TTL_SECONDS


class OldCopy(msgspec.Struct, frozen=True):
    """A document that was true once: all accepted before the unix time `as_of` is in it."""

    document: Document
    as_of: float


class Memory:
    """At most `limit` documents by (tenant, id), and as many old copies; the oldest put go first.

    `complete_until` says up to which unix time each partition is complete, in what is published by now.

    While `withheld` is set, `get` gives nothing: whoever asks has to go the long way, on which `believed` does.

    `generation` counts the times pushes may have been missed: a document whose reading began in an earlier
    one may be older than a push nobody heard, and is not kept.
    """

    def __init__(
        self,
        limit: int,
        risen: Callable[[int, int], None] = lambda _partition, _version: None,
        complete_until: Callable[[], Mapping[int, float]] = dict,
    ) -> None:
        """`risen` is told each version known here, with its partition, before anything of that version is served."""
        self.generation = 0
        self._limit = limit
        self._risen = risen
        self._complete_until = complete_until
        self._documents: OrderedDict[Key, Document] = OrderedDict()
        # The newest version known of what changed lately: an older copy found elsewhere is not worth having.
        self._floors: OrderedDict[Key, int] = OrderedDict()
        self._old: OrderedDict[Key, OldCopy] = OrderedDict()
        # Up to where pushes of a partition were heard without a gap since the last time all was forgotten.
        self._heard: dict[int, Step] = {}
        self._valid_until = 0.0
        self._believed_until = 0.0
        self.withheld = False
        # What was complete when the last questions for pushes were asked: the answers hold all that led to it.
        self._asked = self._complete = complete_until()

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, key: Key) -> Document | None:
        """The document, if it is here and can be believed now."""
        if time.monotonic() > self._valid_until:
            return None
        return self._documents.get(key)

    def believed(self, key: Key) -> Document | None:
        """The document, if it is here and can be believed now, withheld or not."""
        return None if time.monotonic() > self._believed_until else self._documents.get(key)

    def old(self, key: Key) -> OldCopy | None:
        """The document as it was when it could be believed last; never one older than is known to exist."""
        copy = self._old.get(key)
        if copy is None and (document := self._documents.get(key)) is not None:
            copy = self._copy(key, document)
        return copy if copy is not None and copy.as_of > time.time() - OLD_SECONDS else None

    def floor(self, key: Key) -> int:
        """The version below which a copy of this document is known to be old; 0 when nothing is known."""
        return self._floors.get(key, 0)

    def put(self, key: Key, document: Document, generation: int) -> None:
        """Keep a document whose reading began in this generation, unless a newer one is known."""
        if not self._limit or generation != self.generation or time.monotonic() > self._believed_until:
            return
        if document.version < self.floor(key):
            return
        known = self._documents.get(key)
        if known is None or known.version < document.version:
            self._documents[key] = document
            self._old.pop(key, None)
            if len(self._documents) > self._limit:
                self._documents.popitem(last=False)
            self._rise(key, document.version)

    def learn(self, key: Key, version: int) -> None:
        """This version exists, or was shown: forget an older one, and take none from elsewhere from now on."""
        if version <= self._floors.get(key, 0):
            return
        known = self._documents.get(key)
        if known is not None and known.version < version:
            del self._documents[key]
        old = self._old.get(key)
        if old is not None and old.document.version < version:
            del self._old[key]
        self._rise(key, version)

    def heard(self, partition: int, epoch: str) -> int:
        """The position up to which what is known here of this partition is complete; -1 while that is not known."""
        known = self._heard.get(partition)
        if known is None or known.epoch != epoch or time.monotonic() > self._believed_until:
            return -1
        return known.position

    def follow(self, partition: int, step: Step) -> bool:
        """All that this step of a partition changed was learnt. False: one before it was missed; all is forgotten."""
        known = self._heard.get(partition)
        if known is not None and step.position < known.position:
            # Of a publisher that was replaced: it tells nothing new.
            return True
        missed = (
            known is not None
            and step.position > known.position
            and (step.epoch != known.epoch or step.before > known.position)
        )
        if missed:
            self.clear()
        self._heard[partition] = step
        return not missed

    def withhold(self, *, withheld: bool) -> None:
        """From now on `get` gives nothing, or what can be believed again."""
        self.withheld = withheld
        self._valid_until = 0.0 if withheld else self._believed_until

    def ask(self) -> None:
        """Pushes are asked for: what is complete now will have been heard of with the answer."""
        self._asked = dict(self._complete_until())

    def believe(self, seconds: float) -> None:
        """Pushes were heard up to when they were asked for: what is here holds for so long."""
        self._complete = self._asked
        self._believed_until = time.monotonic() + seconds
        self._valid_until = 0.0 if self.withheld else self._believed_until

    def clear(self) -> None:
        """Pushes may have been missed: what is here is old copies now. Floors stay, they only ever rise."""
        self.generation += 1
        for key, document in self._documents.items():
            self._old[key] = self._copy(key, document)
        while len(self._old) > self._limit:
            self._old.popitem(last=False)
        self._documents.clear()
        self._heard.clear()
        self._valid_until = self._believed_until = 0.0

    def _copy(self, key: Key, document: Document) -> OldCopy:
        return OldCopy(document, self._complete.get(partition_of(key[0]), 0.0))

    def _rise(self, key: Key, version: int) -> None:
        if version > self._floors.get(key, 0):
            self._floors[key] = version
            self._risen(partition_of(key[0]), version)
            self._floors.move_to_end(key)
            if len(self._floors) > max(MAX_FLOORS, self._limit):
                self._floors.popitem(last=False)
