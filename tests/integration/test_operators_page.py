"""docs/operations.md, "What gets stuck": each command of its table does as it is written there."""

import re
import shlex
from pathlib import Path

import pytest

from app.settings import Settings
from projections.database import Pool
from projections.intake.intake import Intake
from tests.commands import portal, stores
from tests.integration.test_intake import take
from tests.messages import milestone, order_released

PAGE = Path(__file__).parents[2] / "docs/operations.md"
SECTION = PAGE.read_text(encoding="utf-8").split("## What gets stuck\n")[1].split("\n## ")[0]
STATEMENTS = re.findall(r"`(select [^`]+)`", SECTION)
COMMANDS = re.findall(r"`portal (replay [^`]+)`", SECTION.split("\n- **")[0])


def test_the_tables_have_commands_and_statements():
    assert (len(COMMANDS) >= 10, len(STATEMENTS) >= 1) == (True, True)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_statement_is_one_that_postgres_takes(superuser, statement: str):
    await superuser.fetch(statement)


@pytest.fixture
async def key(settings: Settings, projector_pool: Pool) -> str:
    """The key of an event that waits; beside it, entry 12 and others were too large for a limit since raised."""
    await take(Intake(projector_pool, max_event_bytes=100), *(order_released(f"SO-{number}") for number in range(12)))
    await take(Intake(projector_pool), milestone())
    ended = portal("replay", "held", "list", "--json", **stores(settings))
    return re.findall(r'"key":"(\w+)"', ended.stdout)[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_as_it_is_written(settings: Settings, tmp_path: Path, command: str, key: str):
    mended = tmp_path / "mended.json"
    mended.write_bytes(order_released("SO-99"))
    typed = [{"FILE": str(mended), "KEY": key}.get(word, word) for word in shlex.split(command)]
    ended = portal(*typed, **stores(settings))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip()
