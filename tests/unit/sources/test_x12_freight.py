"""X12 204, 990 and 210: a load is offered, answered and billed."""

from decimal import Decimal

import pytest

from projections.envelope import decode
from projections.event import Rejection, RejectionReason
from projections.events import (
    ChargePosted,
    LoadPlanned,
    ShipmentAssigned,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.references import Reference, ReferenceType
from projections.sources.adapter import CanonicalEvent, Source
from projections.values import StopShipment
from tests.unit.sources.x12_messages import (
    CARRIER,
    NOW,
    TMS,
    data_of,
    events,
    ignored,
    interchange,
    rejections,
    taken,
    transaction,
)

ANSWERING = Source("/carrier/RDFX", tenant="norvik", carrier="RDFX")
PICKUP = ("S5*1*LD", "L11*S-1*SI", "L11*S-2*SI", "G62*69*20261105*U*0800*ET", "N1*SF*Yard", "N4*DAYTON*OH*45402*US")
FIRST_DROP = ("S5*2*PU", "L11*S-1*SI", "G62*70*20261106*X*1300", "N1*ST*Stores", "N4*GARY*IN*46402*US")
LAST_DROP = ("S5*3*UL", "L11*S-2*SI", "G62*53*20261107", "G62*54*20261108", "N1*ST*Depot", "N4*OMAHA*NE*68102*US")


def tender(*stops, purpose="00", source=TMS):
    segments = [segment for stop in stops for segment in stop]
    return data_of(interchange(transaction("204", "B2**RDFX**LOAD-88**PP", f"B2A*{purpose}", *segments)), source)


def answer(action, *more, source=ANSWERING):
    return interchange(transaction("990", f"B1*RDFX*S-1*20261104*{action}", *more)), source


def bill(*segments, beginning="B3**INV-5*S-1*PP**20261112*28055****RDFX*20261110"):
    return interchange(transaction("210", beginning, *segments))


def test_a_load_tender_plans_the_load_and_offers_its_shipments():
    plan, *rest = tender(PICKUP, FIRST_DROP, LAST_DROP)
    assert isinstance(plan, LoadPlanned)
    assert [(stop.stop, stop.purpose, stop.place.city) for stop in plan.stops] == [
        (1, "pickup", "DAYTON"),
        (2, "delivery", "GARY"),
        (3, "delivery", "OMAHA"),
    ]
    assert plan.stops[0].shipments == (StopShipment("norvik", "S-1"), StopShipment("norvik", "S-2"))
    assert plan.stops[0].planned_at.isoformat() == "2026-11-05T08:00:00-05:00"
    assert [type(one) for one in rest] == [ShipmentAssigned, ShipmentTendered] * 2
    assert {one.about.value for one in rest} == {"S-1", "S-2"}
    assert {one.load for one in rest if isinstance(one, ShipmentAssigned)} == {"LOAD-88"}


def test_a_tender_that_names_no_shipments_is_of_one():
    plan, assigned, _ = tender(("S5*1*LD", "N4*DAYTON*OH"), ("S5*2*UL", "N4*GARY*IN"))
    assert assigned.about.value == "LOAD-88"
    assert plan.stops[1].shipments == (StopShipment("norvik", "LOAD-88"),)


def test_a_tender_taken_back_is_no_longer_offered():
    assert [type(one) for one in tender(PICKUP, FIRST_DROP, purpose="01")] == [TenderRejected] * 2


def test_a_changed_tender_is_offered_again_and_a_copy_is_not():
    assert ShipmentTendered in [type(one) for one in tender(PICKUP, FIRST_DROP, purpose="04")]
    assert ShipmentTendered not in [type(one) for one in tender(PICKUP, FIRST_DROP, purpose="22")]


def test_a_tender_without_a_tenant_plans_the_load_alone():
    data = interchange(transaction("204", "B2**RDFX**LOAD-88", "B2A*00", *PICKUP))
    assert [type(one) for one in data_of(data, Source("/tms/main"))] == [LoadPlanned]
    assert rejections(data, Source("/tms/main"))[0].reason is RejectionReason.WRONG_REFERENCE


def test_an_accepted_tender_makes_the_carriers_number_known():
    (event,) = events(*answer("A", "N9*CN*7004512"))
    assert isinstance(event.data, TenderAccepted)
    assert event.data.about == Reference(ReferenceType.TMS_SHIPMENT, "S-1")
    assert event.data.references == (Reference(ReferenceType.PRO, "7004512", "RDFX"),)
    assert event.occurred_at.isoformat() == "2026-11-04T09:15:00+00:00"


@pytest.mark.parametrize("action", ["D", "E"])
def test_a_declined_tender_says_why(action):
    (data,) = data_of(*answer(action, "K1*No trailer*until Friday"))
    assert isinstance(data, TenderRejected)
    assert data.reason == "No trailer until Friday"


@pytest.mark.parametrize("action", ["B", "C"])
def test_neither_yes_nor_no_is_no_answer(action):
    assert len(ignored(*answer(action))) == 1


def test_an_answer_we_do_not_know_is_refused():
    assert rejections(*answer("Z"))[0].reason is RejectionReason.UNKNOWN_CODE


def test_an_answer_about_an_unknown_shippers_number_is_refused():
    assert rejections(*answer("A", source=CARRIER))[0].reason is RejectionReason.WRONG_REFERENCE


def test_an_invoice_posts_each_charge_and_the_total():
    data = bill(
        "C3*CAD", "N9*CN*7004512", "LX*1", "L5*1*Parts", "L1*1***25000****400", "L1*1***3055****FUE",
        "LX*2", "L1*2***-500****DSC****Loyalty discount", "L3*****27555",
    )  # fmt: skip
    charges = data_of(data, TMS)
    assert all(isinstance(one, ChargePosted) for one in charges)
    assert [(one.kind, one.money.amount) for one in charges] == [
        ("Freight", Decimal("250.00")),
        ("Fuel surcharge", Decimal("30.55")),
        ("Loyalty discount", Decimal("-5.00")),
        ("total", Decimal("275.55")),
    ]
    assert {one.about for one in charges} == {Reference(ReferenceType.PRO, "7004512", "RDFX")}
    assert {one.money.currency for one in charges} == {"CAD"}
    assert len({one.charge for one in charges}) == 4


def test_an_amount_with_a_point_is_as_it_reads():
    (charge, _) = data_of(bill("N9*CN*7004512", "LX*1", "L1*1***12.5****400"), TMS)
    assert charge.money.amount == Decimal("12.5")


def test_charges_of_an_account_are_no_shipments():
    data = bill(
        "LX*1", "N9*ZZ*NA", "L1*1***1700****SAC", "LX*2", "N9*2I*1Z1", "L1*2***900****400", "L3*****2600",
        beginning="B3**INV-5**PP**20261112*2600****RDFX",
    )  # fmt: skip
    (charge,) = data_of(data, TMS)
    assert charge.about == Reference(ReferenceType.TRACKING_NUMBER, "1Z1", "RDFX")
    assert len(ignored(data, TMS)) == 1


def test_an_invoice_for_no_shipment_is_refused():
    data = bill("LX*1", "L1*1***1700****SAC", beginning="B3**INV-5**PP**20261112*1700****RDFX")
    assert rejections(data, TMS)[0].reason is RejectionReason.WRONG_REFERENCE


def test_a_charge_without_an_amount_is_refused_alone():
    data = bill("N9*CN*7004512", "LX*1", "L1*1***x****400", "L1*1***100****FUE")
    assert len(data_of(data, TMS)) == 2
    assert "charge 1 of LX loop 1" in rejections(data, TMS)[0].detail


def test_an_invoice_from_a_carrier_is_left_to_the_intake_which_refuses_it():
    one = taken(bill("N9*CN*7004512"), CARRIER)[0]
    assert isinstance(one, CanonicalEvent)
    refusal = decode(one.body, NOW)
    assert isinstance(refusal, Rejection)
    assert refusal.reason is RejectionReason.NOT_OWNER
