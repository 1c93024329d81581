"""The promise ledger is made of the log's order, row by row, and of nothing else."""

import json
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.strategies import SEEDS, worlds
from tests.properties.test_folds import CUTS, shuffle
from tests.properties.world import FoldedLog, place, understood


@settings(max_examples=80)
@given(worlds(retractions=False), SEEDS, CUTS)
def test_however_rows_are_batched_the_ledger_is_the_same(world, seed, cuts):
    placed = place(shuffle(understood(world), seed))
    whole, parts, each = FoldedLog(placed), FoldedLog(placed), FoldedLog(placed)
    whole.fold([])
    parts.fold(cuts)
    each.fold(range(len(placed)))
    by_place = [sorted(log.promises, key=lambda row: (row.version, row.subject_id)) for log in (whole, parts, each)]
    assert by_place[0] == by_place[1] == by_place[2]


@settings(max_examples=80)
@given(worlds(), SEEDS, CUTS)
def test_the_last_of_the_ledger_is_what_the_view_shows(world, seed, cuts):
    log = FoldedLog(place(shuffle(understood(world), seed)))
    views = log.fold(cuts)
    last = {(row.tenant, row.subject_id): (row.promised_at, row.eta_at) for row in log.promises}
    for key, view in views.items():
        if key[1].startswith("shp_"):
            shown = json.loads(view.document)
            assert last.get(key, (None, None)) == (instant(shown["promised_at"]), instant(shown["eta_at"]))


@settings(max_examples=40)
@given(worlds(), st.data(), SEEDS)
def test_two_rows_in_a_row_never_show_the_same(world, data, seed):
    log = FoldedLog(place(shuffle(understood(world), seed)))
    log.fold(data.draw(CUTS))
    before = {}
    for row in log.promises:
        shown = (row.promised_at, row.eta_at)
        assert before.get(row.subject_id, (None, None)) != shown
        before[row.subject_id] = shown


def instant(text):
    return datetime.fromisoformat(text) if text else None
