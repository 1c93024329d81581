"""Phase, status and reason of an order, derived from its lines and its shipments: design.md section 5."""

from collections.abc import Sequence

import msgspec

from projections.order_view.shapes import OrderLineView
from projections.order_view.state import OrderState, Share
from projections.statuses import PHASE, PHASE_NAME, ClosedReason, Phase, PhaseName, Status
from projections.views import Reason, reason_of


class Standing(msgspec.Struct, frozen=True):
    phase: PhaseName
    status: Status
    reason: Reason
    closed_reason: ClosedReason | None


_FAILED = {ClosedReason.RETURNED, ClosedReason.REFUSED, ClosedReason.LOST}


def brought(share: Share) -> bool:
    """True when what the shipment carries has reached the customer and stayed there."""
    return PHASE[share.phase] >= Phase.DELIVERED and share.closed_reason in (None, ClosedReason.COMPLETED)


def left(share: Share) -> bool:
    """True when the shipment has left with its goods, wherever they are now; a cancelled one never did."""
    return PHASE[share.phase] >= Phase.IN_TRANSIT and share.closed_reason is not ClosedReason.CANCELLED


def standing_of(state: OrderState, lines: Sequence[OrderLineView]) -> Standing:
    live = [share for _, share in sorted(state.shares.items()) if share.closed_reason is not ClosedReason.CANCELLED]
    closed_reason = _closed_reason(state, live, lines)
    if closed_reason is not None:
        return Standing(PhaseName.CLOSED, Status.CLOSED, reason_of(closed_reason), closed_reason)
    phase = _phase(live, lines)
    delay = _delay(state, live, lines) if phase < Phase.DELIVERED else None
    if delay is not None:
        return Standing(PHASE_NAME[phase], Status.DELAYED, delay, None)
    return Standing(PHASE_NAME[phase], Status(PHASE_NAME[phase]), _calm_reason(phase, live, lines), None)


def _closed_reason(state: OrderState, live: list[Share], lines: Sequence[OrderLineView]) -> ClosedReason | None:
    if state.cancelled:
        return ClosedReason.CANCELLED
    if not live or any(share.closed_reason is None for share in live):
        return None
    if _all_delivered(lines):
        return ClosedReason.COMPLETED
    # Every shipment ended and not all arrived: the order ended as the last of those that failed did.
    failed = [share for share in live if share.closed_reason in _FAILED]
    nothing_waits = all(line.quantity_shipped >= line.quantity_ordered for line in lines)
    if failed and nothing_waits:
        return max(failed, key=lambda share: (share.last_event_at, share.shipment_id)).closed_reason
    return None


def _all_delivered(lines: Sequence[OrderLineView]) -> bool:
    wanted = [line for line in lines if line.quantity_ordered > 0]
    return bool(wanted) and all(line.quantity_delivered >= line.quantity_ordered for line in wanted)


def _phase(live: list[Share], lines: Sequence[OrderLineView]) -> Phase:
    if _all_delivered(lines):
        return Phase.DELIVERED
    furthest = max((PHASE[share.phase] for share in live), default=Phase.PLANNED)
    # One of several shipments may be delivered already; the order is under way until all is.
    return min(furthest, Phase.IN_TRANSIT)


def _delay(state: OrderState, live: list[Share], lines: Sequence[OrderLineView]) -> Reason | None:
    delayed = [share for share in live if share.status is Status.DELAYED]
    if delayed:
        return reason_of(max(delayed, key=lambda share: (share.last_event_at, share.shipment_id)).reason)
    promise = state.promised_at.value if state.promised_at else None
    if promise is None:
        return None
    if any(share.eta_at and share.eta_at > promise and PHASE[share.phase] < Phase.DELIVERED for share in live):
        return reason_of("eta_past_promise")
    if any(line.backorder_expected_at and line.backorder_expected_at > promise for line in lines):
        return reason_of("backordered")
    return None


def _calm_reason(phase: Phase, live: list[Share], lines: Sequence[OrderLineView]) -> Reason:
    if phase is Phase.IN_TRANSIT:
        if any(brought(share) for share in live):
            return reason_of("partially_delivered")
        if any(line.quantity_shipped < line.quantity_ordered for line in lines):
            return reason_of("partially_shipped")
    elif phase < Phase.IN_TRANSIT and any(line.quantity_backordered for line in lines):
        return reason_of("backordered")
    return reason_of(PHASE_NAME[phase])
