"""The promise ledger: which ETA and which promise a customer was shown, and since when. Pure.

A view is the same whatever order events came in; what was shown meanwhile is not. So this belongs to the log's order,
row by row, and not to how rows were batched: a log folded anew gives the same ledger.
"""

from datetime import datetime

import msgspec

from projections.shipment_view.state import ShipmentState


class PromiseRow(msgspec.Struct, frozen=True):
    """What is shown of a shipment from `shown_at` on; `version` is the position of the log row that changed it.

    `eta_said_at` and `eta_source`: when its source said the ETA, and which that is.
    """

    tenant: str
    subject_id: str
    version: int
    shown_at: datetime
    promised_at: datetime | None
    eta_at: datetime | None
    eta_said_at: datetime | None
    eta_source: str | None


class Ledger:
    """Notes what a shipment shows after each of its rows, where that is something else than before."""

    def __init__(self, state: ShipmentState) -> None:
        self.rows: list[PromiseRow] = []
        self._shown = _shown(state)

    def note(self, state: ShipmentState, position: int, recorded_at: datetime) -> None:
        shown = _shown(state)
        if shown == self._shown:
            return
        self._shown = shown
        eta = (state.eta_at or state.planned_eta_at) if shown[1] else None
        said_at, source = (eta.stamp.occurred_at, eta.stamp.source) if eta else (None, None)
        self.rows.append(PromiseRow(state.tenant, state.id, position, recorded_at, *shown, said_at, source))


def _shown(state: ShipmentState) -> tuple[datetime | None, datetime | None]:
    """Promise and ETA; neither before it is planned, for then there is no view."""
    if state.plan is None:
        return None, None
    eta = state.eta_at or state.planned_eta_at
    return state.plan.value.promised_at, eta.value if eta else None
