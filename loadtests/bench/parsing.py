"""The rows about reading native messages: an adapter on one core, from bytes to checked events.

The limit cuts the same bytes into segments and elements and does nothing with them: no reader of X12 in Python can
do less, and what ours does beside it (envelopes and counts, codes, places, time zones, JSON, the intake's own checks)
is the ratio.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from itertools import cycle, islice

from loadtests.bench.results import Round
from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.x12 import x12

TRANSACTIONS = 10_000
SETS_AN_INTERCHANGE = 100
_CHUNK_BYTES = 65_536
_CARRIER = Source("/carrier/abfs", carrier="ABFS", zone="America/Chicago")
_ISA = "ISA*00*          *00*          *02*ABFS           *ZZ*PORTAL         *261104*0915*U*00401*{:09}*0*P*>"
_REPORTS = [
    ("AF*NS***20261103*1509*CS", "DAYTON*OH*US"),
    ("X4*NS***20261103*1830*ET", "COLUMBUS*OH*US"),
    ("AH*AQ***20261104*0815*MT", "BOISE*ID*US"),
    ("AG*NS***20261109*1400*CT", "GARY*IN*US"),
    ("D1*NS***20261104*1648*LT", "DENVER*CO*US"),
]

Step = Callable[[], None]
Pairs = list[tuple[Round, Round]]


async def x12_214(executor: Executor, rounds: int, step: Step) -> Pairs:
    """Transaction sets 214 a second, each with its parties, one report and its place, in a process of their own."""
    loop = asyncio.get_running_loop()
    pairs: Pairs = []
    for _ in range(rounds):
        mine = await loop.run_in_executor(executor, parsed)
        step()
        pairs.append((mine, await loop.run_in_executor(executor, cut)))
        step()
    return pairs


def parsed() -> Round:
    """Ours. Every set must give an event, or nothing was measured."""

    def read(body: bytes) -> int:
        chunks = (body[start : start + _CHUNK_BYTES] for start in range(0, len(body), _CHUNK_BYTES))
        return sum(isinstance(one, CanonicalEvent) and b"about" in one.body for one in x12(chunks, _CARRIER))

    return _timed(read, at_least=TRANSACTIONS)


def cut() -> Round:
    def read(body: bytes) -> int:
        return sum(segment.split(b"*")[0].endswith(b"ST") for segment in body.split(b"~"))

    return _timed(read, at_least=TRANSACTIONS)


def _timed(read: Callable[[bytes], int], *, at_least: int) -> Round:
    body = interchanges(TRANSACTIONS)
    gc.collect()
    started = time.process_time()
    found = read(body)
    # One thread that waits for nothing: a core of its own would take as long as the CPU time, whoever else is running.
    seconds = time.process_time() - started
    if found < at_least:
        raise ValueError(f"{found} of {at_least} transaction sets were read")
    return Round(TRANSACTIONS, seconds, seconds)


def interchanges(count: int) -> bytes:
    """So many transaction sets, no two alike, as carriers batch them."""
    sets = enumerate(islice(cycle(_REPORTS), count))
    whole = []
    for number in range(0, count, SETS_AN_INTERCHANGE):
        body = [segment for one in islice(sets, SETS_AN_INTERCHANGE) for segment in _transaction_set(*one)]
        group = [
            "GS*QM*ABFS*PORTAL*20261104*0915*7*X*004010",
            *body,
            f"GE*{min(SETS_AN_INTERCHANGE, count - number)}*7",
        ]
        whole += [_ISA.format(number), *group, f"IEA*1*{number:09}"]
    return "~\n".join([*whole, ""]).encode()


def _transaction_set(number: int, report: tuple[str, str]) -> Iterator[str]:
    codes, where = report
    segments = [
        f"ST*214*{number:09}",
        f"B10*{7_000_000 + number}*S-{number}*ABFS",
        f"L11*B-{number}*BM",
        "N1*SF*Yard 4",
        "N3*12 MILL ROAD",
        "N4*DAYTON*OH*45402*US",
        "N1*ST*Harbour Stores",
        "N3*PO BOX 42",
        "N4*DULUTH*MN*55802*US",
        "LX*1",
        f"AT7*{codes}",
        f"MS1*{where}",
        "MS2*ABFS*53111",
        "AT8*G*L*900*4",
    ]
    yield from segments
    yield f"SE*{len(segments) + 1}*{number:09}"
