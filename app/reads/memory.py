"""Documents in this process's memory, dropped the moment a newer one is known to exist.

Pushes (`projections.cache.PUSHED`) name what changed. While they cannot be heard, nothing here is
believed: `valid_until` moves on only as long as they are.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from projections.cache import Document, Step
from projections.subjects import partition_of

Key = tuple[str, str]
MAX_FLOORS = 50_000


class Memory:
    """At most `limit` documents by (tenant, id); the oldest put go first.

    `generation` counts the times pushes may have been missed: a document whose reading began in an earlier
    one may be older than a push nobody heard, and is not kept.
    """

    def __init__(self, limit: int, risen: Callable[[int, int], None] = lambda _partition, _version: None) -> None:
        """`risen` is told each version known here, with its partition, before anything of that version is served."""
        self.generation = 0
        self._limit = limit
        self._risen = risen
        self._documents: OrderedDict[Key, Document] = OrderedDict()
        # The newest version known of what changed lately: an older copy found elsewhere is not worth having.
        self._floors: OrderedDict[Key, int] = OrderedDict()
        # Up to where pushes of a partition were heard without a gap since the last time all was forgotten.
        self._heard: dict[int, Step] = {}
        self._valid_until = 0.0

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, key: Key) -> Document | None:
        """The document, if it is here and can be believed now."""
        if time.monotonic() > self._valid_until:
            return None
        return self._documents.get(key)

    def floor(self, key: Key) -> int:
        """The version below which a copy of this document is known to be old; 0 when nothing is known."""
        return self._floors.get(key, 0)

    def put(self, key: Key, document: Document, generation: int) -> None:
        """Keep a document whose reading began in this generation, unless a newer one is known."""
        if not self._limit or generation != self.generation or time.monotonic() > self._valid_until:
            return
        if document.version < self.floor(key):
            return
        known = self._documents.get(key)
        if known is None or known.version < document.version:
            self._documents[key] = document
            if len(self._documents) > self._limit:
                self._documents.popitem(last=False)
            self._rise(key, document.version)

    def learn(self, key: Key, version: int) -> None:
        """This version exists, or was shown: forget an older one, and take none from elsewhere from now on."""
        known = self._documents.get(key)
        if known is not None and known.version < version:
            del self._documents[key]
        self._rise(key, version)

    def heard(self, partition: int, epoch: str) -> int:
        """The position up to which what is known here of this partition is complete; -1 while that is not known."""
        known = self._heard.get(partition)
        if known is None or known.epoch != epoch or time.monotonic() > self._valid_until:
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

    def believe(self, seconds: float) -> None:
        """Pushes were heard up to now: what is here holds for so long."""
        self._valid_until = time.monotonic() + seconds

    def clear(self) -> None:
        """Pushes may have been missed: forget the documents. Floors stay, they only ever rise."""
        self.generation += 1
        self._documents.clear()
        self._heard.clear()
        self._valid_until = 0.0

    def _rise(self, key: Key, version: int) -> None:
        if version > self._floors.get(key, 0):
            self._floors[key] = version
            self._risen(partition_of(key[0]), version)
            self._floors.move_to_end(key)
            if len(self._floors) > max(MAX_FLOORS, self._limit):
                self._floors.popitem(last=False)
