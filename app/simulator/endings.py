"""What follows a journey: papers, freight charges, the closing of the file, returns and complaints."""

from datetime import datetime

from app.simulator.network import CRM, ERP, TMS
from app.simulator.orders import money
from app.simulator.routes import Step
from app.simulator.script import Script
from app.simulator.shipments import Shipment
from projections.events import (
    CaseLinked,
    ChargePosted,
    DocumentAdded,
    ExceptionRaised,
    ReturnAuthorised,
    ReturnReceived,
    ShipmentMilestone,
)
from projections.references import Reference, ReferenceType

NO_POD, DAMAGED, SHORT, CHANGED_MIND, CASE = 0.04, 0.012, 0.01, 0.012, 0.02
_SIGNERS = ("K. Petersen", "M. Huber", "J. Alvarez", "S. Lindqvist", "A. Rossi", "T. Nowak", "L. Moreau", "R. Walker")
_EXTRAS = ("Tail lift", "Toll", "Waiting time", "Time window surcharge")
_CHANGED_MIND = ("Surplus from a finished site", "Wrong size ordered", "Replaced by another article")


def papers_at_pickup(script: Script, ship: Shipment, at: datetime) -> None:
    """The consignment note, and for goods from abroad the customs papers."""
    slug, number = ship.tenant.slug, script.numbers.named("DOC")
    if ship.haulier.mode != "parcel" and script.chance(0.4):
        note = DocumentAdded(about=ship.about, document=number, kind="bol", title=f"Consignment note {ship.bol}")
        script.say(script.after(at, 0.1, 1), TMS, note, slug)
    if ship.haulier.mode == "ocean":
        customs = DocumentAdded(about=ship.about, document=f"{number}-C", kind="customs", title="Customs declaration")
        script.say(script.after(at, 30, 90), TMS, customs, slug)


def conclude(script: Script, ship: Shipment, end: Step) -> None:
    """All that follows the last milestone."""
    _charges(script, ship, end.at)
    if end.code == "delivered":
        _delivered(script, ship, end)
    elif end.code == "refused":
        _send_back(script, ship, end.at, "Delivery refused")
    else:
        _complain(script, ship, end.at)


def _delivered(script: Script, ship: Shipment, end: Step) -> None:
    if not script.chance(NO_POD):
        pod = DocumentAdded(
            about=ship.track,
            document=script.numbers.named("POD"),
            kind="pod",
            title="Proof of delivery",
            signed_by=script.random.choice(_SIGNERS),
        )
        script.say(script.after(end.at, 0.2, 5), ship.haulier.source, pod)
    completed = ShipmentMilestone(about=ship.about, code="completed")
    script.say(script.after(end.at, 20, 50), TMS, completed, ship.tenant.slug)
    draw = script.random.random()
    if draw < DAMAGED:
        _spoilt(script, ship, end, "damaged")
        _send_back(script, ship, end.at, "Damaged on the way")
    elif draw < DAMAGED + SHORT:
        _spoilt(script, ship, end, "short")
    elif draw < DAMAGED + SHORT + CHANGED_MIND:
        _send_back(script, ship, script.after(end.at, 30, 200), script.random.choice(_CHANGED_MIND))
    elif draw < DAMAGED + SHORT + CHANGED_MIND + CASE:
        _complain(script, ship, end.at)


def _spoilt(script: Script, ship: Shipment, end: Step, code: str) -> None:
    name = script.numbers.named("EX")
    raised = ExceptionRaised(about=ship.track, exception=name, code=code, place=end.place)
    script.say(script.after(end.at, 0.05, 0.5), ship.haulier.source, raised)
    _complain(script, ship, end.at)


def _send_back(script: Script, ship: Shipment, at: datetime, reason: str) -> None:
    """A return is allowed, comes in, and the file is closed as returned when all of it came back."""
    slug, number = ship.tenant.slug, script.numbers.named("RMA")
    allowed_at = script.after(at, 3, 30)
    received_at = script.working(script.after(allowed_at, 60, 220), ship.warehouse.city)
    script.say(allowed_at, ERP, ReturnAuthorised(about=ship.about, authorisation=number, reason=reason), slug)
    script.say(received_at, ship.warehouse.source, ReturnReceived(about=ship.wms, authorisation=number), slug)
    if script.chance(0.5):
        back = ShipmentMilestone(about=ship.about, code="returned", place=ship.warehouse.place)
        script.say(script.after(received_at, 1, 8), TMS, back, slug)


def _complain(script: Script, ship: Shipment, at: datetime) -> None:
    """The customer calls: the CRM ties a case to the shipment or to its order."""
    case = script.numbers.named("CS")
    order = Reference(ReferenceType.ERP_ORDER, ship.portion.lines[0].order)
    about = ship.about if script.chance(0.6) else order
    script.say(script.after(at, 0.5, 20), CRM, CaseLinked(about=about, case=case), ship.tenant.slug)


def _charges(script: Script, ship: Shipment, at: datetime) -> None:
    base = {"parcel": 690, "road": 5_400, "rail": 8_800, "air": 31_000, "ocean": 285_000}[ship.haulier.mode]
    rate = {"parcel": 24, "road": 11, "rail": 8, "air": 290, "ocean": 3}[ship.haulier.mode]
    freight = int((base + rate * ship.portion.weight_kg) * script.random.uniform(0.9, 1.2))
    _charge(script, ship, script.after(at, 2, 30), "Freight", freight)
    if script.chance(0.25):
        _charge(script, ship, script.after(at, 2, 30), "Fuel surcharge", freight * 14 // 100)
    if script.chance(0.06):
        _charge(
            script, ship, script.after(at, 10, 60), script.random.choice(_EXTRAS), script.random.randint(900, 9_500)
        )


def _charge(script: Script, ship: Shipment, at: datetime, kind: str, cents: int) -> None:
    posted = ChargePosted(
        about=ship.about, charge=script.numbers.named("CH"), kind=kind, money=money(cents, ship.tenant.currency)
    )
    script.say(at, TMS, posted, ship.tenant.slug)
