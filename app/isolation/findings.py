"""What the proof found, gathered while it runs."""

from collections import Counter
from typing import Any

import msgspec

from app.isolation.drivers import Driven

# Of each operation: one that leaks leaks everything.
DETAILS_MAX = 20


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """Something a tenant was not to learn; `kind`: canary, id, tenant, existence or count."""

    operation: str
    kind: str
    victim: str
    shown_to: str
    what: str
    request: str
    status: int


class Findings:
    def __init__(self, operations: list[Driven], tenants: list[str]) -> None:
        self.operations = operations
        self.tenants = tenants
        self.planted = 0
        self.seen: set[str] = set()
        self.probes: Counter[str] = Counter()
        self.tried: dict[str, set[str]] = {}
        self.leaks: Counter[str] = Counter()
        self.details: list[Leak] = []
        self.undriven: dict[str, str] = {}
        self.faults: Counter[str] = Counter()

    def leak(self, leak: Leak) -> None:
        self.leaks[leak.operation] += 1
        if self.leaks[leak.operation] <= DETAILS_MAX:
            self.details.append(leak)

    def cannot_drive(self, operation: str, why: str) -> None:
        self.undriven.setdefault(operation, why)

    @property
    def is_proof(self) -> bool:
        """Whether all was driven, and nothing found."""
        return not (self.leaks or self.undriven or self.faults)

    def as_json(self) -> dict[str, Any]:
        return {
            "operations": len(self.operations),
            "tenants": len(self.tenants),
            "probes": self.probes.total(),
            "leaks": self.leaks.total(),
            "planted": self.planted,
            "seen_by_owners": len(self.seen),
            "undriven": self.undriven,
            "faults": dict(self.faults),
            "details": [msgspec.to_builtins(one) for one in self.details],
        }
