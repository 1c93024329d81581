"""What a scrape is told, as Prometheus' metric families. Pure: all of it was asked for before."""

from collections.abc import Iterator, Sequence

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.source_health.sources import SourceHealth


class Partition(msgspec.Struct, frozen=True):
    number: int
    behind: int
    lag_seconds: float


class WorkerFigures(msgspec.Struct, frozen=True):
    """This process alone; a scrape is answered by any of the workers, so each goes by its process id."""

    worker: str
    cpu_seconds: float
    memory_documents: int
    believed_partitions: int
    postgres_answers: bool
    redis_answers: bool


class Figures(msgspec.Struct, frozen=True):
    """All that is told; everything but `worker` is of the whole installation, whichever worker answers."""

    sources: Sequence[SourceHealth]
    partitions: Sequence[Partition]
    quarantined: dict[str, int]
    held: int
    held_oldest_seconds: float
    worker: WorkerFigures


class FiguresCollector(Collector):
    """Figures as Prometheus reads them."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from _sources(self._figures.sources)
        yield from _log(self._figures)
        yield from _worker(self._figures.worker)


def _sources(sources: Sequence[SourceHealth]) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "portal_source_messages", "What became of a source's messages.", labels=("source", "outcome")
    )
    reasons = CounterMetricFamily(
        "portal_source_quarantined", "A source's messages put into quarantine.", labels=("source", "reason")
    )
    codes = CounterMetricFamily(
        "portal_source_unknown_codes", "Codes of a source there is no word for.", labels=("source", "code")
    )
    quiet = GaugeMetricFamily(
        "portal_source_quiet_seconds", "How long a source has not been known to be well.", labels=("source",)
    )
    state = GaugeMetricFamily(
        "portal_source_state", "1 for the state a source is in: live, late, silent.", labels=("source", "state")
    )
    for one in sources:
        for outcome in ("accepted", "duplicate", "held", "quarantined"):
            messages.add_metric((one.source, outcome), getattr(one, outcome))
        for reason, count in one.reasons.items():
            reasons.add_metric((one.source, reason), count)
        for code, count in one.unknown_codes.items():
            codes.add_metric((one.source, code), count)
        quiet.add_metric((one.source,), one.quiet_seconds)
        state.add_metric((one.source, one.state), 1)
    yield from (messages, reasons, codes, quiet, state)


def _log(figures: Figures) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "portal_partition_lag_seconds", "How long ago a partition was known to be complete.", labels=("partition",)
    )
    behind = GaugeMetricFamily(
        "portal_partition_behind_rows", "Rows of the log that are not folded.", labels=("partition",)
    )
    for one in figures.partitions:
        lag.add_metric((str(one.number),), one.lag_seconds)
        behind.add_metric((str(one.number),), one.behind)
    quarantine = GaugeMetricFamily("portal_quarantine_messages", "Messages in quarantine.", labels=("reason",))
    for reason, count in figures.quarantined.items():
        quarantine.add_metric((reason,), count)
    yield from (lag, behind, quarantine)
    yield GaugeMetricFamily("portal_held_events", "Events that wait for what they are about.", figures.held)
    yield GaugeMetricFamily(
        "portal_held_oldest_seconds", "How long the first of them has waited.", figures.held_oldest_seconds
    )


def _worker(one: WorkerFigures) -> Iterator[Metric]:
    cpu = CounterMetricFamily("portal_worker_cpu_seconds", "Processor time of a worker.", labels=("worker",))
    cpu.add_metric((one.worker,), one.cpu_seconds)
    yield cpu
    for name, words, value in (
        ("portal_worker_memory_documents", "Documents in a worker's memory.", one.memory_documents),
        ("portal_worker_believed_partitions", "Partitions a worker reads from Redis.", one.believed_partitions),
        ("portal_worker_postgres_answers", "1 while a worker is answered by Postgres.", one.postgres_answers),
        ("portal_worker_redis_answers", "1 while a worker is answered by Redis.", one.redis_answers),
    ):
        gauge = GaugeMetricFamily(name, words, labels=("worker",))
        gauge.add_metric((one.worker,), float(value))
        yield gauge
