"""Docs that cannot rot: what they list is what there is."""

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from app.cli.main import COMMANDS, portal
from app.reads.past import BYTES_MAX, ROWS_MAX
from app.rest.query import TIME_COST
from app.settings import Settings, variable
from projections.provenance.fields import LOST_MAX
from projections.provenance.shapes import Why
from projections.statuses import MILESTONES, PHASE_NAME, REASONS
from projections.words import ENGLISH, catalogue

ROOT = Path(__file__).parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_in_the_operations_page_and_no_other():
    listed = set(re.findall(r"^\| `(PORTAL_\w+)`", text("docs/operations.md"), re.MULTILINE))
    assert listed == {variable(field) for field in Settings.__struct_fields__}


def test_the_page_of_provenance_lists_each_way_to_lose():
    listed = re.findall(r"^\| `(\w+)` \| ", text("docs/time-travel.md"), re.MULTILINE)
    assert listed == list(get_args(get_args(Why)[0]))


def test_the_page_of_time_travel_says_what_the_limits_are():
    page = text("docs/time-travel.md")
    assert f"{ROWS_MAX:,} events or {BYTES_MAX // 1_048_576} MiB" in page
    assert page.count(f"ounts as {TIME_COST} of the rate limit") == 2
    assert f"at most {LOST_MAX} of `lost_count`" in page


def test_the_page_of_statuses_says_what_the_tables_say():
    words = catalogue(ENGLISH)
    told = [
        (code, ": ".join([PHASE_NAME[one.phase], *filter(None, [one.closes_as])]), one.internal)
        for code, one in MILESTONES.items()
    ]
    milestones = [
        f"| `{code}` | {phase} | {f'no | {internal}' if internal else f'yes | {words.milestones[code].text}'} |"
        for code, phase, internal in told
    ]
    reasons = [
        f"| `{code}` | {words.reasons[code].text} | {words.reasons[code].action_required or '-'} | {party} |"
        for code, party in REASONS.items()
    ]
    listed = [line for line in text("docs/statuses.md").splitlines() if line.startswith("| `")]
    assert listed == milestones + reasons


def test_every_decision_is_listed_and_every_listed_one_exists():
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text("docs/decisions/README.md")))
    assert listed == {path.name for path in (ROOT / "docs/decisions").glob("0*.md")}


@pytest.mark.parametrize("page", ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))])
def test_links_between_pages_lead_somewhere(page: str):
    for target in re.findall(r"\]\(([^)#]+)\)", text(page)):
        assert target.startswith("http") or (ROOT / page).parent.joinpath(target).exists(), target


def test_every_file_the_architecture_names_exists():
    named = set(
        re.findall(r"`((?:app|auth|projections|tests|loadtests)/[\w/]+(?:\.py)?)`", text("docs/architecture.md"))
    )
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


def test_every_test_the_security_page_names_exists():
    named = re.findall(r"`(tests/[\w/*]+(?:\.py)?)(?:::(\w+))?`", text("docs/security.md"))
    assert named
    for files, test in named:
        found = list(ROOT.glob(files.rstrip("/")))
        assert found, files
        assert not test or re.search(rf"^(async )?def {test}\(", found[0].read_text(), re.MULTILINE), test


def test_every_make_target_in_the_readme_exists():
    targets = set(re.findall(r"^(\w+):.*##", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`?make (\w+)", text("README.md"))) <= targets


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_examples(name: str):
    command = portal.get_command(click.Context(portal), name)
    assert command is not None
    assert command.name == name
    assert "Examples:" in (command.help or "")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_name_no_index(lock: str):
    assert "--hash=sha256:" in text(lock)
    assert "://" not in text(lock)
    assert "index-url" not in text(lock)
