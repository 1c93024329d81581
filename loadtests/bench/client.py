"""The load: as many requests as a server answers, over a few connections, each answer checked.

Plain sockets and epoll, because an HTTP library would need more time for a request than the server does.
Nothing is pipelined: each connection asks again once it was answered.
"""

import random
import select
import socket
import time
from collections.abc import Sequence

import msgspec

from loadtests.bench.cores import cpu_seconds

CONNECTIONS = 16
WARM_SECONDS = 0.3
TIMEOUT_SECONDS = 5.0
# Freshness is worded anew all the time: a digit more, `delayed` for `live`; in a list with each line.
LENGTH_TOLERANCE_BYTES, LENGTH_TOLERANCE = 16, 0.02
# A head and, mostly, a document.
_HEAD_BYTES = 1 << 13
_BUFFER_BYTES = 1 << 18
_HEAD_END = b"\r\n\r\n"
# As most servers write it, and as Node.js does.
_LENGTHS = (b"\r\ncontent-length: ", b"\r\nContent-Length: ")


class WrongAnswerError(Exception):
    """A server answered something else than was asked of it: what it does fast is not what is measured."""


class Ask(msgspec.Struct, frozen=True):
    """A request as bytes, and how long the body of its answer is."""

    request: bytes
    body_bytes: int


class Load(msgspec.Struct, frozen=True):
    """What to ask of whom, for how long. `pids`: whose CPU time is the server's."""

    port: int
    pids: Sequence[int]
    asks: Sequence[Ask]
    status: int
    seconds: float


class Count(msgspec.Struct, frozen=True):
    """What was answered, and what it took."""

    answers: int
    seconds: float
    cpu_seconds: float


def drive(load: Load) -> Count:
    """Ask for the time given, after a short while that does not count. Raises WrongAnswerError, OSError."""
    driver = _Driver(load)
    try:
        driver.run(WARM_SECONDS)
        return driver.run(load.seconds)
    finally:
        driver.close()


class _Driver:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._start = b"HTTP/1.1 %d " % load.status
        # Everybody's documents in no order, the same in each round.
        self._asks = list(load.asks)
        random.Random(1).shuffle(self._asks)
        self._next = 0
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._expected: dict[int, int] = {}
        # Bytes of an answer still to come; 0: a head is next.
        self._left: dict[int, int] = {}
        self._buffer = bytearray(_BUFFER_BYTES)
        for _ in range(CONNECTIONS):
            self._connect()

    def _connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self._load.port), TIMEOUT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0)
        self._sockets[connection.fileno()] = connection
        self._left[connection.fileno()] = 0
        self._poll.register(connection.fileno(), select.EPOLLIN)
        self._ask(connection.fileno())

    def run(self, seconds: float) -> Count:
        poll, answered = self._poll.poll, self._answered
        answers, cpu, started = 0, cpu_seconds(self._load.pids), time.perf_counter()
        until = started + seconds
        while (now := time.perf_counter()) < until:
            ready = poll(TIMEOUT_SECONDS)
            if not ready:
                raise WrongAnswerError(f"no answer within {TIMEOUT_SECONDS:g} s")
            for descriptor, _ in ready:
                answers += answered(descriptor)
        return Count(answers, now - started, cpu_seconds(self._load.pids) - cpu)

    def _answered(self, descriptor: int) -> int:
        """Read what is there and ask again if that completes an answer; how many it completes."""
        left = self._left[descriptor]
        if left:
            # What has been announced is only counted: thrown away in the kernel (tcp(7), MSG_TRUNC), not copied.
            count = self._sockets[descriptor].recv_into(self._buffer, min(left, _BUFFER_BYTES), socket.MSG_TRUNC)
        else:
            count = self._sockets[descriptor].recv_into(self._buffer, _HEAD_BYTES)
        if not count:
            raise WrongAnswerError("the server hung up")
        left = (left or self._answer_bytes(descriptor, count)) - count
        self._left[descriptor] = left
        if left > 0:
            return 0
        if left < 0:
            raise WrongAnswerError(f"more than was announced: {self._said(count)!r}")
        self._ask(descriptor)
        return 1

    def _answer_bytes(self, descriptor: int, count: int) -> int:
        """The length of an answer, by its head, which comes in one piece: it is far smaller than a segment."""
        buffer = self._buffer
        head = buffer.find(_HEAD_END, 0, count)
        if head < 0 or not buffer.startswith(self._start):
            raise WrongAnswerError(f"not a {self._load.status}: {self._said(count)!r}")
        at = buffer.find(_LENGTHS[0], 0, head)
        if at < 0:
            at = buffer.find(_LENGTHS[1], 0, head)
        body = int(buffer[at + len(_LENGTHS[0]) : buffer.index(b"\r", at + 2)]) if at >= 0 else 0
        expected = self._expected[descriptor]
        if abs(body - expected) > LENGTH_TOLERANCE_BYTES + LENGTH_TOLERANCE * expected:
            raise WrongAnswerError(f"not {expected} bytes: {self._said(count)!r}")
        return head + len(_HEAD_END) + body

    def _said(self, count: int) -> bytes:
        return bytes(self._buffer[: min(count, 300)])

    def _ask(self, descriptor: int) -> None:
        ask = self._asks[self._next]
        self._next = (self._next + 1) % len(self._asks)
        self._expected[descriptor] = ask.body_bytes
        # A request is far smaller than an empty send buffer: it goes as a whole.
        self._sockets[descriptor].send(ask.request)

    def close(self) -> None:
        self._poll.close()
        for connection in self._sockets.values():
            connection.close()
