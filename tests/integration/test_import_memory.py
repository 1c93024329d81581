"""`portal import` of a large file takes the memory of what it reads at a time, not of the file."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.settings import Settings
from tests.commands import stores
from tests.unit.sources.x12_messages import interchange, transaction

MEGABYTE = 1_000_000
FILE_BYTES = 24 * MEGABYTE
SETS_AN_INTERCHANGE = 50
ITEMS = 120
WITHIN_SECONDS = 120
GIVEN = ("--format", "x12", "--name", "/carrier/rdfx", "--carrier", "RDFX", "--tenant", "norvik")


def report(number: int) -> list[str]:
    """A 214 as long as they come: with the number of every pallet."""
    pallets = (f"L11*PALLET-{number:07}-{pallet:04}*97*Pallet {pallet} of the load" for pallet in range(ITEMS))
    return transaction(
        "214", f"B10*{number}*S-{number}*RDFX", *pallets, "LX*1", "AT7*X4*NS***20261103*1830*ET", control=f"{number:09}"
    )


def notice(number: int) -> list[str]:
    """An 856 as long as they come; which a carrier may not send, so that it ends in quarantine with all its bytes."""
    items = (
        segment
        for item in range(1, ITEMS + 1)
        for segment in (f"HL*{item + 2}*2*I", f"LIN*{item}*VP*HINGE-{item}", f"SN1*{item}*24*EA")
    )
    start = (f"BSN*00*W-{number}*20261104*0915", "HL*1**S", "REF*BM*B-1", "HL*2*1*O", f"PRF*SO-{number}")
    return transaction("856", *start, *items, control=f"{number:09}")


def written(path: Path, size: int, first: int) -> int:
    """A file of about so many bytes, its sets numbered from the first; gives how many there are."""
    count = 0
    with path.open("wb") as file:
        while file.tell() < size:
            numbers = range(first + count, first + count + SETS_AN_INTERCHANGE)
            file.write(interchange(*(notice(one) if one % 5 == 0 else report(one) for one in numbers)))
            count += SETS_AN_INTERCHANGE
    return count


def peak_bytes(settings: Settings, path: Path, messages: int) -> int:
    """The most memory the command ever held (VmHWM of proc(5)), once it has accounted for every message."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    command = [sys.executable, "-m", "app.cli", "import", "--json", *GIVEN, str(path)]
    peak, deadline = 0, time.monotonic() + WITHIN_SECONDS
    with subprocess.Popen(command, env=inherited | stores(settings), stdout=subprocess.PIPE) as importing:
        try:
            while importing.poll() is None:
                assert time.monotonic() < deadline, "the import does not end"
                peak = high_water_mark(importing.pid) or peak
                time.sleep(0.02)
        finally:
            importing.kill()
        told = json.loads(importing.stdout.read() if importing.stdout else b"")[str(path)]
    assert told["messages"] == messages
    assert told["held"] == messages * 4 // 5
    assert told["reasons"] == {"not_owner": messages // 5}
    return peak


def high_water_mark(pid: int) -> int | None:
    """None once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM")), None)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_a_large_file_is_imported_in_bounded_memory(settings: Settings, tmp_path: Path):
    small, large = tmp_path / "small.edi", tmp_path / "large.edi"
    at_rest = peak_bytes(settings, small, written(small, MEGABYTE // 4, first=5_000_000))
    grown = peak_bytes(settings, large, written(large, FILE_BYTES, first=0)) - at_rest
    assert grown < FILE_BYTES * 2 // 3, f"{grown // MEGABYTE} MB more than for a file of next to nothing"
