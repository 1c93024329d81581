"""A shipment on its way, told by its carrier: milestones, ETAs, troubles, and now and then a report taken back."""

from datetime import datetime, timedelta

from app.simulator.routes import Step
from app.simulator.script import Script
from app.simulator.shipments import Shipment
from app.simulator.troubles import Disruption, disrupted
from projections.events import EtaChanged, EventRetracted, ExceptionCleared, ExceptionRaised, ShipmentMilestone

REFUSED, LOST, WRONG_SCAN, ETA_REFINED = 0.015, 0.004, 0.012, 0.35


def travel(script: Script, ship: Shipment, planned: list[Step]) -> Step:
    """Tell the journey along the planned steps. Returns how it ended: `delivered`, `refused` or `lost`."""
    steps, trouble = disrupted(script, ship.haulier.mode, planned)
    _announce(script, ship, steps[0].at, planned[-1].at)
    if trouble:
        raise_trouble(script, ship, trouble, steps[-1].at)
    steps = _ending(script, ship, steps)
    for step in steps:
        _say(script, ship, step.at, ShipmentMilestone(about=ship.track, code=step.code, place=step.place))
    if steps[-1].code == "delivered":
        _near_the_end(script, ship, steps)
    return steps[-1]


def raise_trouble(script: Script, ship: Shipment, trouble: Disruption, arrives_at: datetime) -> None:
    """An exception, the ETA it leads to and, mostly, its end."""
    name = script.numbers.named("EX")
    raised = ExceptionRaised(
        about=ship.track, exception=name, code=trouble.code, place=trouble.place, note=trouble.note
    )
    _say(script, ship, trouble.raised_at, raised)
    _say(
        script,
        ship,
        script.after(trouble.raised_at, 0.1, 1.2),
        EtaChanged(about=ship.track, eta_at=_quarter(arrives_at)),
    )
    if trouble.cleared_at:
        _say(script, ship, trouble.cleared_at, ExceptionCleared(about=ship.track, exception=name))


def announce_eta(script: Script, ship: Shipment, at: datetime, arrives_at: datetime) -> None:
    _say(script, ship, at, EtaChanged(about=ship.track, eta_at=_quarter(arrives_at)))


def _announce(script: Script, ship: Shipment, at: datetime, arrives_at: datetime) -> None:
    """The first ETA, a guess some hours off."""
    announce_eta(script, ship, script.after(at, 0.1, 2), script.after(arrives_at, -2, 2))


def _near_the_end(script: Script, ship: Shipment, steps: list[Step]) -> None:
    out = next(step for step in reversed(steps) if step.code == "out_for_delivery")
    if script.chance(ETA_REFINED):
        announce_eta(script, ship, script.after(out.at, 0.1, 0.4), script.after(steps[-1].at, -0.4, 0.4))
    if script.chance(WRONG_SCAN):
        # The driver's scanner says delivered while the goods are still on the truck.
        wrong = ShipmentMilestone(about=ship.track, code="delivered", place=steps[-1].place)
        wrong_at = out.at + (steps[-1].at - out.at) * 0.2
        wrong_id = _say(script, ship, wrong_at, wrong)
        _say(script, ship, script.after(wrong_at, 0.1, 0.4), EventRetracted(about=ship.track, retracts=wrong_id))


def _ending(script: Script, ship: Shipment, steps: list[Step]) -> list[Step]:
    last = steps[-1]
    if script.chance(REFUSED):
        name = script.numbers.named("EX")
        refusal = ExceptionRaised(about=ship.track, exception=name, code="refused_by_consignee", place=last.place)
        _say(script, ship, last.at, refusal)
        return [*steps[:-1], Step(script.after(last.at, 4, 26), "refused", last.place)]
    if script.chance(LOST) and ship.haulier.mode == "parcel":
        seen = steps[: len(steps) - 2]
        return [*seen, Step(script.after(last.at, 72, 120), "lost", seen[-1].place)]
    return steps


def _say(
    script: Script,
    ship: Shipment,
    at: datetime,
    data: ShipmentMilestone | EtaChanged | ExceptionRaised | ExceptionCleared | EventRetracted,
) -> str:
    """Carriers know nothing of our customers: no tenant, only their own number."""
    return script.say(at, ship.haulier.source, data)


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)
