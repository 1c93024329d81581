"""How fresh what we serve is: known per partition, said with every answer.

`as_of` is a promise: everything accepted before it is in the document. It moves only while projectors
work; when they stop, or cannot be asked, it stands still and the lag grows.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from projections.silence import SourceState, expected_every_seconds, state_of

FreshnessState = Literal["live", "delayed", "stale"]
ServedFrom = Literal["memory", "redis", "postgres", "upstream"]
# Answers within this time share their freshness: its lag is given to a tenth of a second.
TICK_SECONDS = 0.1


class SourceFreshness(msgspec.Struct, frozen=True):
    """A source that contributed, when we last heard of it, and whether it speaks as often as it should.

    None: it is not known here yet.
    """

    source: str
    heard_at: datetime | None
    state: SourceState | None


class Heard(msgspec.Struct, frozen=True):
    """When a source was last understood, and up to when that shows it to be well."""

    recorded_at: datetime
    alive_at: datetime


class Freshness(msgspec.Struct, frozen=True):
    """Everything accepted before `as_of` is in the document; `lag_seconds` is how long ago that was.

    `state` is about both: what lags is not live, and neither is what a silent source has a part in.
    """

    state: FreshnessState
    as_of: datetime
    lag_seconds: float
    sources: tuple[SourceFreshness, ...]
    served_from: ServedFrom


_ENCODER = msgspec.json.Encoder()


class FreshnessClock:
    """What is known of each partition's freshness, and its words as ready bytes."""

    def __init__(
        self, live_seconds: float, stale_seconds: float, expected_every: Mapping[str, float] | None = None
    ) -> None:
        """`expected_every`: seconds by source, for those that were declared to speak unlike their role."""
        self._live_seconds = live_seconds
        self._stale_seconds = stale_seconds
        self._expected_every = expected_every or {}
        # One time a partition, whichever rung answers, so that a reader who is answered by several never sees
        # it move back: the watch moves it to what all rungs it believes have at least.
        self._as_of: dict[int, float] = {}
        self._folded: dict[int, float] = {}
        self._heard: Mapping[str, Heard] = {}
        self._words: dict[tuple[int, bytes, ServedFrom], bytes] = {}
        self._words_until = 0.0

    def move(self, partition: int, as_of: float) -> None:
        """All accepted before this unix time is in whatever we serve from now on. It moves on only."""
        if as_of > self.as_of(partition):
            self._as_of[partition] = as_of
            # Words of this tick would say the old time beside new ones that say the new.
            self._words.clear()

    def as_of(self, partition: int) -> float:
        """The unix time up to which what we serve is complete; 0 while nothing is known."""
        return self._as_of.get(partition, 0.0)

    def complete_until(self) -> Mapping[int, float]:
        """`as_of` of each partition."""
        return self._as_of

    def is_stale(self, partition: int) -> bool:
        """Whether what we serve of a partition has come to lag past the stale threshold."""
        return time.time() - self.as_of(partition) > self._stale_seconds

    def any_stale(self) -> bool:
        return any(map(self.is_stale, self._as_of))

    def learn_folded(self, partition: int, as_of: float) -> None:
        """All accepted before this unix time is in Postgres."""
        self._folded[partition] = as_of

    def learn_sources(self, heard: Mapping[str, Heard]) -> None:
        self._heard = heard

    def worst_lag_seconds(self) -> float:
        """The lag of the partition that is furthest behind; infinite while nothing is known."""
        if not self._folded:
            return float("inf")
        return max(0.0, time.time() - min(self._folded.values()))

    def furthest_behind(self, partitions: Iterable[int]) -> int:
        """Of some partitions the one whose freshness all of them have at least."""
        return min(partitions, key=self.as_of)

    def of(self, partition: int, sources: bytes, served_from: ServedFrom) -> Freshness:
        as_of = self.as_of(partition)
        now = time.time()
        lag = max(0.0, now - as_of)
        heard = tuple(self._source(name, now) for name in sources.decode().split())
        return Freshness(self._state(lag, heard), datetime.fromtimestamp(as_of, UTC), round(lag, 1), heard, served_from)

    def words_apart(self, as_of: float, sources: bytes, served_from: ServedFrom, *, believed: bool) -> bytes:
        """The words for a document that is complete up to a time of its own, not its partition's.

        One that cannot be believed any more is stale, however short a time ago it could be.
        """
        now = time.time()
        heard = tuple(self._source(name, now) for name in sources.decode().split())
        lag = max(0.0, now - as_of)
        state = self._state(lag, heard) if believed else "stale"
        freshness = Freshness(state, datetime.fromtimestamp(as_of, UTC), round(lag, 1), heard, served_from)
        return _ENCODER.encode(freshness)

    def words(self, partition: int, sources: bytes, served_from: ServedFrom) -> bytes:
        """`of` as JSON, made once per tick however many documents it goes with."""
        now = time.monotonic()
        if now > self._words_until:
            self._words.clear()
            self._words_until = now + TICK_SECONDS
        key = (partition, sources, served_from)
        words = self._words.get(key)
        if words is None:
            words = self._words[key] = _ENCODER.encode(self.of(partition, sources, served_from))
        return words

    def _source(self, name: str, now: float) -> SourceFreshness:
        heard = self._heard.get(name)
        if heard is None:
            return SourceFreshness(name, None, None)
        quiet_seconds = now - heard.alive_at.timestamp()
        expected_every = expected_every_seconds(name, self._expected_every)
        return SourceFreshness(name, heard.recorded_at, state_of(quiet_seconds, expected_every))

    def _state(self, lag: float, sources: Iterable[SourceFreshness]) -> FreshnessState:
        if lag > self._stale_seconds:
            return "stale"
        silent = any(one.state == "silent" for one in sources)
        return "delayed" if silent or lag > self._live_seconds else "live"
