"""What a run of reconciliation came to."""

from collections.abc import Iterable

import msgspec

from projections.reconciliation.comparing import Compared
from projections.sources.adapter import CanonicalEvent
from projections.sources.taking import Account


class Report(msgspec.Struct):
    """Counts of one source's run: of records pulled by what they were, and of what was emitted by what became of it.

    `pulled` is `same + different + unknown + outdated + unreadable`. A dry run emits nothing: there `emitted` is what
    it would. `unchanged`: the upstream said that nothing changed. `error`: why the run ended early; what was taken
    before it stays.
    """

    pages: int = 0
    pulled: int = 0
    same: int = 0
    different: int = 0
    unknown: int = 0
    outdated: int = 0
    unreadable: int = 0
    emitted: int = 0
    accepted: int = 0
    duplicate: int = 0
    held: int = 0
    quarantined: int = 0
    resumed: bool = False
    unchanged: bool = False
    error: str | None = None

    @property
    def clean(self) -> bool:
        return self.error is None and not self.quarantined and not self.unreadable

    def add(self, compared: Iterable[Compared], account: Account) -> None:
        """Count a page."""
        self.pages += 1
        for one in compared:
            self.pulled += 1
            setattr(self, one.verdict.value, getattr(self, one.verdict.value) + 1)
            self.emitted += sum(isinstance(taking, CanonicalEvent) for taking in one.takings)
        self.accepted += account.accepted
        self.duplicate += account.duplicate
        self.held += account.held
        self.quarantined += account.quarantined
