"""Who runs on which core, and how much CPU time it took. Linux only: it reads /proc."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

import msgspec

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# Counted after the command's name, which may hold anything; proc(5): utime is field 14, stime field 15.
_UTIME, _STIME = 14 - 3, 15 - 3


class Cores(msgspec.Struct, frozen=True):
    """The core of the measured server, and those of all the rest: load, Postgres, Valkey.

    With one core only they share it, and a ratio says little.
    """

    server: frozenset[int]
    others: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        return self.server | self.others


def available() -> Cores:
    """The first core we may use for the server, the others for the rest."""
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(frozenset({first}), frozenset(others or {first}))


def pin(pid: int, cores: Iterable[int]) -> None:
    """Keep a program and all it has started on these cores; what it starts from now on follows. 0: the caller."""
    for one in [pid] if pid == 0 else tree(pid):
        os.sched_setaffinity(one, cores)


def tree(pid: int) -> list[int]:
    """A program and all that it has started, and they have."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time used so far by these programs, all threads, in user and kernel mode."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[_UTIME]) + int(fields[_STIME])
    return ticks / _TICKS_A_SECOND


def machine() -> dict[str, str | int | float]:
    """What may explain a figure later; nothing that names the machine or who owns it."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
