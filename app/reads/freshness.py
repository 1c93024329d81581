"""How fresh what we serve is: known per partition, said with every answer.

`as_of` is a promise: everything accepted before it is in the document. It moves only while projectors
work; when they stop, or cannot be asked, it stands still and the lag grows.
"""

import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from app.reads.seal import KEY_BYTES, PositionSeal
from app.reads.thresholds import Threshold, Thresholds
from projections.silence import SourceState, expected_every_seconds, state_of

FreshnessState = Literal["live", "delayed", "stale", "past"]
ServedFrom = Literal["memory", "redis", "postgres", "upstream", "log"]
# Answers within this time share their freshness: its lag is given to a tenth of a second.
TICK_SECONDS = 0.1
# Whether a source is silent is looked at anew so often; it takes minutes to become so.
VOICES_SECONDS = 1.0
# What a cache must be able to count to (RFC 9111, 1.2.2).
AGE_SECONDS_MAX = 2_147_483_648


class SourceFreshness(msgspec.Struct, frozen=True):
    """A source that contributed, when we last heard of it, and whether it speaks as often as it should.

    `watermark` is up to when it is known to be well: all it had to say until then should be here. None: it is not
    known here yet.
    """

    source: str
    heard_at: datetime | None
    state: SourceState | None
    watermark: datetime | None = None


class Heard(msgspec.Struct, frozen=True):
    """When a source was last understood, and up to when that shows it to be well."""

    recorded_at: datetime
    alive_at: datetime


class Freshness(msgspec.Struct, frozen=True):
    """Everything accepted before `as_of` is in the document; `lag_seconds` is how long ago that was.

    `state` is about both: what lags is not live, and neither is what a silent source has a part in. What was asked
    for as of a time is `past`: how it was shown at `as_of`, of which nothing now known of its sources is said.
    `position` is an opaque token: an answer to who brings it back (`Portal-Min-Position`) is no older than this one.
    """

    state: FreshnessState
    as_of: datetime
    lag_seconds: float
    sources: tuple[SourceFreshness, ...]
    served_from: ServedFrom
    position: str | None = None


class _Voices(msgspec.Struct, frozen=True):
    """The sources of a document: in words, whether one of them is silent, and what lag they are held to."""

    words: bytes
    is_silent: bool
    threshold: Threshold


class _Standing(msgspec.Struct, frozen=True):
    """How far a partition is: its lag now, and both and its position in words."""

    lag_seconds: float
    words: bytes
    position: bytes


class Said(msgspec.Struct, frozen=True):
    """Freshness as it goes with an answer: as JSON, and as the headers that say the same to caches."""

    words: bytes
    headers: tuple[tuple[bytes, bytes], ...]


# Ours to cache for the one who asked, and to be checked each time. While we are down a copy is better than nothing,
# unless it was called stale already when it was taken.
CACHE = "private, no-cache, stale-if-error=86400"
CACHE_STALE = "private, no-cache"
_ENCODER = msgspec.json.Encoder()


def words_of_then(sources: bytes, as_of: datetime) -> bytes:
    """The freshness of what was shown at a time, as JSON."""
    lag = max(0.0, time.time() - as_of.timestamp())
    named = tuple(SourceFreshness(name, None, None) for name in sources.decode().split())
    return _ENCODER.encode(Freshness("past", as_of.astimezone(UTC), round(lag, 1), named, "log", None))


class FreshnessClock:
    """What is known of each partition's freshness, and what is said of it, as ready bytes."""

    def __init__(
        self,
        thresholds: Thresholds,
        expected_every: Mapping[str, float] | None = None,
        seal: PositionSeal | None = None,
    ) -> None:
        """`expected_every`: seconds by source, for those that were declared to speak unlike their role.

        `seal`: what all workers of an installation share; without, positions are good at this worker alone.
        """
        self._thresholds = thresholds
        self._seal = seal or PositionSeal(secrets.token_bytes(KEY_BYTES))
        self._expected_every = expected_every or {}
        # One time a partition, whichever rung answers, so that a reader who is answered by several never sees
        # it move back: the watch moves it to what all rungs it believes have at least.
        self._as_of: dict[int, float] = {}
        self._folded: dict[int, float] = {}
        self._heard: Mapping[str, Heard] = {}
        # The newest version served of a partition, or about to be.
        self._served: dict[int, int] = {}
        # What was said in this tick, by partition; a document's sources and its partition each have their part in it.
        self._said: dict[int, dict[tuple[bytes, ServedFrom], Said]] = {}
        self._standings: dict[int, _Standing] = {}
        self._said_until = 0.0
        self._voices: dict[bytes, _Voices] = {}
        self._voices_until = 0.0

    def move(self, partition: int, as_of: float) -> None:
        """All accepted before this unix time is in whatever we serve from now on. It moves on only."""
        if as_of > self.as_of(partition):
            self._as_of[partition] = as_of
            self._say_anew(partition)

    def as_of(self, partition: int) -> float:
        """The unix time up to which what we serve is complete; 0 while nothing is known."""
        return self._as_of.get(partition, 0.0)

    def learn_version(self, partition: int, version: int) -> None:
        """This version is known and may be served from now on; tokens given from now on cover it."""
        if version > self._served.get(partition, 0):
            self._served[partition] = version
            self._say_anew(partition)

    def _say_anew(self, partition: int) -> None:
        """What this tick has said of a partition would stand beside answers that know better."""
        self._said.pop(partition, None)
        self._standings.pop(partition, None)

    def complete_until(self) -> Mapping[int, float]:
        """`as_of` of each partition."""
        return self._as_of

    def is_stale(self, partition: int) -> bool:
        """Whether what we serve of a partition has come to lag past the stale threshold."""
        return time.time() - self.as_of(partition) > self._thresholds.of(()).stale_seconds

    def any_stale(self) -> bool:
        return any(map(self.is_stale, self._as_of))

    def learn_folded(self, partition: int, as_of: float) -> None:
        """All accepted before this unix time is in Postgres."""
        self._folded[partition] = as_of

    def learn_sources(self, heard: Mapping[str, Heard]) -> None:
        self._heard = heard
        self._voices.clear()

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
        named = sources.decode().split()
        heard = tuple(self._source(name, now) for name in named)
        state = self._state(lag, named, heard)
        at = datetime.fromtimestamp(as_of, UTC)
        return Freshness(state, at, round(lag, 1), heard, served_from, self._position(partition))

    def _position(self, partition: int) -> str:
        return self._seal.seal({partition: self._served.get(partition, 0)})

    def said(self, partition: int, sources: bytes, served_from: ServedFrom) -> Said:
        """`of` as ready bytes, made once per tick however many documents they go with."""
        if time.monotonic() > self._said_until:
            self._said.clear()
            self._standings.clear()
            self._said_until = time.monotonic() + TICK_SECONDS
        of_partition = self._said.get(partition)
        if of_partition is None:
            of_partition = self._said[partition] = {}
        said = of_partition.get((sources, served_from))
        if said is None:
            said = of_partition[sources, served_from] = self._say(partition, sources, served_from)
        return said

    def _say(self, partition: int, sources: bytes, served_from: ServedFrom) -> Said:
        """As `of` would be encoded, put together from parts that many answers share: it is done thousands of times a second."""
        standing, voices = self._standing(partition), self._voices_of(sources)
        state = _state(standing.lag_seconds, voices.threshold, is_silent=voices.is_silent)
        parts = (state.encode(), standing.words, voices.words, served_from.encode(), standing.position)
        words = b'{"state":"%b",%b,"sources":%b,"served_from":"%b","position":"%b"}' % parts
        return Said(words, _headers(state, standing.lag_seconds))

    def _standing(self, partition: int) -> _Standing:
        standing = self._standings.get(partition)
        if standing is None:
            as_of = self.as_of(partition)
            lag = max(0.0, time.time() - as_of)
            at = _ENCODER.encode(datetime.fromtimestamp(as_of, UTC))
            words = b'"as_of":%b,"lag_seconds":%b' % (at, _ENCODER.encode(round(lag, 1)))
            standing = self._standings[partition] = _Standing(lag, words, self._position(partition).encode())
        return standing

    def _voices_of(self, sources: bytes) -> _Voices:
        now = time.time()
        if now > self._voices_until:
            self._voices.clear()
            self._voices_until = now + VOICES_SECONDS
        voices = self._voices.get(sources)
        if voices is None:
            named = sources.decode().split()
            heard = tuple(self._source(name, now) for name in named)
            silent = any(one.state == "silent" for one in heard)
            voices = self._voices[sources] = _Voices(_ENCODER.encode(heard), silent, self._thresholds.of(named))
        return voices

    def said_apart(self, partition: int, as_of: float, sources: bytes, served_from: ServedFrom) -> Said:
        """The same for a document that is complete up to a time of its own, not its partition's.

        One that is not its owner's cannot be believed any more: it is stale, however short a time ago it could be.
        """
        now = time.time()
        lag = max(0.0, now - as_of)
        named = sources.decode().split()
        heard = tuple(self._source(name, now) for name in named)
        state = self._state(lag, named, heard) if served_from == "upstream" else "stale"
        at = datetime.fromtimestamp(as_of, UTC)
        freshness = Freshness(state, at, round(lag, 1), heard, served_from, self._position(partition))
        return Said(_ENCODER.encode(freshness), _headers(state, lag))

    def words(self, partition: int, sources: bytes, served_from: ServedFrom) -> bytes:
        """The JSON of `said`."""
        return self.said(partition, sources, served_from).words

    def _source(self, name: str, now: float) -> SourceFreshness:
        heard = self._heard.get(name)
        if heard is None:
            return SourceFreshness(name, None, None)
        quiet_seconds = now - heard.alive_at.timestamp()
        expected_every = expected_every_seconds(name, self._expected_every)
        state = state_of(quiet_seconds, expected_every)
        return SourceFreshness(name, heard.recorded_at, state, heard.alive_at)

    def _state(self, lag: float, named: Iterable[str], sources: Iterable[SourceFreshness]) -> FreshnessState:
        return _state(lag, self._thresholds.of(named), is_silent=any(one.state == "silent" for one in sources))


def _state(lag: float, threshold: Threshold, *, is_silent: bool) -> FreshnessState:
    if lag > threshold.stale_seconds:
        return "stale"
    return "delayed" if is_silent or lag > threshold.live_seconds else "live"


def _headers(state: FreshnessState, lag: float) -> tuple[tuple[bytes, bytes], ...]:
    """Cache-Control, and Age (RFC 9111, 5.1): for how long what we say may have been otherwise, in whole seconds."""
    cache = CACHE_STALE if state == "stale" else CACHE
    age = min(int(round(lag, 1)), AGE_SECONDS_MAX)
    return (b"cache-control", cache.encode()), (b"age", b"%d" % age)
