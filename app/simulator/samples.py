"""For each tenant one shipment, order and tracking number worth looking up."""

from datetime import datetime

import msgspec

from app.simulator.stories import Known
from projections.references import ReferenceType, SubjectKind, public_id

# Of each tenant so many of the latest are kept to choose from.
KEPT = 200


class Sample(msgspec.Struct, frozen=True):
    """Public ids and the numbers behind them, as `demo.json` and the README name them."""

    shipment_id: str
    order_id: str
    tracking_number: str
    shipment_number: str
    order_number: str


class Samples:
    def __init__(self) -> None:
        self._known: dict[str, list[Known]] = {}

    def offer(self, known: list[Known]) -> None:
        for one in known:
            kept = self._known.setdefault(one.tenant, [])
            kept.append(one)
            if len(kept) > 2 * KEPT:
                del kept[:KEPT]

    def by_tenant(self, known_by: datetime) -> dict[str, Sample]:
        """The best of each tenant: known by then, a real tracking number, still under way, picked up latest."""

        def worth(one: Known) -> tuple[bool, bool, datetime]:
            return one.track.type is ReferenceType.TRACKING_NUMBER, one.done_at > known_by, one.known_at

        found: dict[str, Sample] = {}
        for tenant, kept in sorted(self._known.items()):
            published = [one for one in kept if one.known_at <= known_by]
            if published:
                found[tenant] = _sample(max(published, key=worth))
        return found


def _sample(one: Known) -> Sample:
    return Sample(
        public_id(SubjectKind.SHIPMENT, one.tenant, one.shipment),
        public_id(SubjectKind.ORDER, one.tenant, one.order),
        one.track.value,
        one.shipment,
        one.order,
    )
