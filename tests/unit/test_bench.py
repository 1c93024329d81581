import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from loadtests.bench import peers
from loadtests.bench.client import Ask, Load, WrongAnswerError, drive
from loadtests.bench.parsing import interchanges
from loadtests.bench.questions import READS, Asked, Reader, questions
from loadtests.bench.results import Results, Round, encode, exit_code, failed, measured, peer_ratio
from loadtests.bench.rows import TARGETS, Options, known
from projections.sources.adapter import Rejected, Source
from projections.sources.x12 import x12

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def rounds(*rates: float, busy: float = 1.0) -> list[Round]:
    return [Round(count=round(rate), seconds=1.0, cpu_seconds=busy) for rate in rates]


def test_the_ratio_is_the_median_of_the_rounds_and_not_of_their_rates():
    row = measured("memory_hit", 0.6, "request", rounds(50, 80, 10), rounds(100, 100, 50))
    assert (row.ratio, row.ratio_min, row.ratio_max) == (0.5, 0.2, 0.8)


def test_a_target_is_met_from_itself_upwards():
    assert measured("redis_hit", 0.4, "request", rounds(40), rounds(100)).met is True
    assert measured("redis_hit", 0.4, "request", rounds(39), rounds(100)).met is False


def test_a_row_without_a_target_is_neither_met_nor_missed():
    assert measured("intake", None, "event", rounds(40), rounds(100)).met is None


def test_cpu_time_is_told_in_microseconds_for_one_answer():
    row = measured("memory_hit", 0.6, "request", [Round(1_000, 1.0, 0.05)], [Round(1_000, 1.0, 0.025)])
    assert (row.cpu_us, row.limit_cpu_us, row.cpu_ratio) == (50.0, 25.0, 0.5)


def test_rates_are_not_believed_where_the_limit_was_kept_from_its_core():
    row = measured("memory_hit", 0.6, "request", rounds(70), rounds(100, busy=0.5))
    assert (row.ratio, row.cpu_ratio, row.met) == (0.35, 0.35, False)


def test_a_row_that_was_asked_for_by_the_second_is_met_by_its_rate():
    fast = measured("214_parse", None, "transaction", rounds(6_000, 7_000, 4_000), rounds(9_000) * 3, rate_target=5_000)
    slow = measured("214_parse", None, "transaction", rounds(4_999), rounds(9_000), rate_target=5_000)
    assert (fast.met, slow.met) == (True, False)


def test_each_transaction_set_that_is_parsed_gives_an_event():
    taken = list(x12([interchanges(250)], Source("/carrier/abfs", carrier="ABFS")))
    assert not [one for one in taken if isinstance(one, Rejected)]
    assert len({one.raw for one in taken}) == 250


def test_a_peer_is_compared_with_the_same_bare_answer_as_ours():
    assert peer_ratio([*zip(rounds(2, 3, 1), rounds(100, 100, 100), strict=True)]) == 0.02
    assert peer_ratio([*zip(rounds(4), rounds(100, busy=0.5), strict=True)]) == 0.02


def test_a_question_about_one_shipment_is_asked_for_each_and_a_page_once_a_customer():
    readers = [Reader("a", ("1", "2", "3")), Reader("b", ("4",))]
    each = questions(Asked("/v1/shipments/{id}"), readers, 2)
    assert [(one.path, one.token) for one in each] == [
        ("/v1/shipments/1", "a"),
        ("/v1/shipments/2", "a"),
        ("/v1/shipments/4", "b"),
    ]
    assert [one.token for one in questions(Asked("/v1/shipments?limit=50"), readers, 2)] == ["a", "b"]


def test_a_graphql_question_is_posted_with_the_shipment_as_its_variable():
    (question,) = questions(Asked("/graphql", "query ($id: ID!) { x }"), [Reader("a", ("1",))], 1)
    head, body = question.request(None).split(b"\r\n\r\n")
    assert head.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert b"Content-Length: %d" % len(body) in head
    assert msgspec.json.decode(body) == {"query": "query ($id: ID!) { x }", "variables": {"id": "1"}}


def test_each_row_about_reading_that_has_a_peer_asks_it_for_as_much():
    for read in READS.values():
        for asked in read.peers.values():
            assert asked.of_one == read.asked.of_one


def test_the_peers_lock_names_contents_and_no_place_to_get_them_from():
    lock = (Path(peers.__file__).parent / "postgraphile" / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert "://" not in lock


def test_sides_with_different_rounds_are_not_compared():
    with pytest.raises(ValueError, match="cannot be compared"):
        measured("memory_hit", 0.6, "request", rounds(1, 2), rounds(1))


def test_a_missed_target_is_no_failure_but_a_row_without_a_figure_is():
    missed = measured("projector", 0.4, "event", rounds(10), rounds(100))
    unmeasured = failed("redis_hit", 0.4, "request", OSError("no answer"))
    assert exit_code([missed]) == 0
    assert exit_code([missed, unmeasured]) == 1
    assert exit_code([]) == 1


def test_the_results_file_has_the_fields_others_rely_on_and_drops_no_row():
    rows = [
        measured("memory_hit", 0.6, "request", rounds(70), rounds(100)),
        failed("redis_hit", 0.4, "request", OSError("no answer")),
    ]
    written = msgspec.json.decode(encode(Results(rows=rows, machine={"cores": 2}, settings={})))
    told = [{name: row[name] for name in ("row", "ratio", "target", "met", "peers")} for row in written["rows"]]
    assert told == [
        {"row": "memory_hit", "ratio": 0.7, "target": 0.6, "met": True, "peers": {}},
        {"row": "redis_hit", "ratio": None, "target": 0.4, "met": False, "peers": {}},
    ]
    assert written["rows"][1]["remark"] == "OSError: no answer"


def test_rows_are_chosen_by_name_and_an_unknown_one_is_named():
    assert known("projector, memory_hit") == ["projector", "memory_hit"]
    assert known("") == list(TARGETS)
    with pytest.raises(ValueError, match="no such row: graphql"):
        known("graphql")


def test_rows_that_write_take_fewer_rounds():
    options = Options(rows=["projector"], seconds=1, rounds=9, events=5_000)
    assert (options.rounds_of("projector"), options.rounds_of("memory_hit")) == (3, 9)


@contextmanager
def answering(*pieces: bytes) -> Iterator[int]:
    """A server that answers each request with these pieces; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        # The load hangs up in the middle of an answer.
        with connection, suppress(OSError):
            while connection.recv(4_096):
                for piece in pieces:
                    connection.sendall(piece)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def load(port: int, *, body_bytes: int = 5) -> Load:
    return Load(port, [], [Ask(b"GET / HTTP/1.1\r\n\r\n", body_bytes)], status=200, seconds=0.1)


@pytest.mark.parametrize("pieces", [(OK,), (OK[:-3], OK[-3:])])
def test_the_load_counts_whole_answers_however_they_arrive(pieces):
    with answering(*pieces) as port:
        count = drive(load(port))
    assert count.answers > 0
    assert count.seconds == pytest.approx(0.1, abs=0.1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (OK.replace(b"200 OK", b"404 No"), "not a 200"),
        (OK + b"more", "more than was announced"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n" + b"x" * 99, "not 5 bytes"),
    ],
)
def test_the_load_refuses_to_count_wrong_answers(answer, words):
    with answering(answer) as port, pytest.raises(WrongAnswerError, match=words):
        drive(load(port))
