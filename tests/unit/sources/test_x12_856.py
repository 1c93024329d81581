"""X12 856: the tree of a ship notice, in any of its structures, as packages and what left."""

import pytest

from projections.event import RejectionReason
from projections.events import PackagePacked, ShipmentShipped
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.values import ShipmentLine
from tests.unit.sources.x12_messages import WMS, data_of, events, interchange, rejections, transaction

SHIPMENT = (
    "HL*1**S", "TD1*CTN*2****G*41*KG", "TD5**2*RDFX*M", "REF*BM*B-77", "REF*CN*7004512", "DTM*011*20261103*0640*ET",
)  # fmt: skip
ORDER = ("HL*2*1*O", "PRF*PO-551", "REF*VN*SO-9001")


def notice(*segments, purpose="00"):
    beginning = f"BSN*{purpose}*W-3301*20261103*0700*0001"
    return interchange(transaction("856", beginning, *segments))


def item(number, parent, line, quantity):
    return (f"HL*{number}*{parent}*I", f"LIN*{line}*VP*SKU{line}", f"SN1**{quantity}*EA")


FULL = notice(
    *SHIPMENT, *ORDER,
    "HL*3*2*T", "MAN*GM*00340123450000000017",
    "HL*4*3*P", "MAN*GM*340123450000000024**CP*1Z77", "MEA*PD*G*12.5*KG", *item(5, 4, 1, 10), *item(6, 4, 2, 4),
    "HL*7*3*P", "MAN*GM*340123450000000031", *item(8, 7, 1, 5), "CTT*8",
)  # fmt: skip


def packages(data):
    return {one.package: one for one in data_of(data, WMS) if isinstance(one, PackagePacked)}


def shipped(data, source=WMS):
    return next(one for one in data_of(data, source) if isinstance(one, ShipmentShipped))


def test_what_left_is_told_with_its_lines_weight_and_names():
    confirmed = shipped(FULL)
    assert confirmed.about == Reference(ReferenceType.WMS_SHIPMENT, "W-3301")
    assert set(confirmed.lines) == {ShipmentLine("SO-9001", 1, 15), ShipmentLine("SO-9001", 2, 4)}
    assert (confirmed.packages_count, confirmed.weight_kg) == (2, 41.0)
    assert {(one.type, one.value) for one in confirmed.references} == {
        ("bol", "B-77"),
        ("pro", "7004512"),
        ("tracking_number", "7004512"),
        ("customer_po", "PO-551"),
    }


def test_it_left_at_the_ship_date():
    assert {event.occurred_at.isoformat() for event in events(FULL, WMS)} == {"2026-11-03T06:40:00-05:00"}


def test_each_package_has_its_own_items_and_a_pallet_none_of_its_cartons():
    packed = packages(FULL)
    assert packed["340123450000000017"].lines == ()
    assert set(packed["340123450000000024"].lines) == {ShipmentLine("SO-9001", 1, 10), ShipmentLine("SO-9001", 2, 4)}
    assert packed["340123450000000031"].lines == (ShipmentLine("SO-9001", 1, 5),)


def test_a_package_has_its_tracking_number_weight_and_sscc():
    package = packages(FULL)["340123450000000024"]
    assert (package.tracking_number, package.weight_kg) == ("1Z77", 12.5)
    assert Reference(ReferenceType.PACKAGE_SSCC, "340123450000000024") in package.references
    assert Reference(ReferenceType.TRACKING_NUMBER, "1Z77", "RDFX") in package.references


def test_a_notice_without_packs_tells_what_left():
    confirmed = shipped(notice(*SHIPMENT, *ORDER, *item(3, 2, 1, 24), *item(4, 2, 2, 6)))
    assert len(confirmed.lines) == 2


def test_packs_below_items_hold_what_they_say():
    first = ("HL*4*3*P", "MAN*GM*340123450000000024", "SN1**20*EA")
    second = ("HL*5*3*P", "MAN*GM*340123450000000031", "SN1**4*EA")
    packed = packages(notice(*SHIPMENT, *ORDER, *item(3, 2, 1, 24), *first, *second))
    assert [one.lines[0].quantity for one in packed.values()] == [20, 4]


def test_lines_of_several_orders_stay_apart():
    confirmed = shipped(notice(*SHIPMENT, *ORDER, *item(3, 2, 1, 2), "HL*4*1*O", "PRF*PO-552", *item(5, 4, 1, 3)))
    assert set(confirmed.lines) == {ShipmentLine("SO-9001", 1, 2), ShipmentLine("PO-552", 1, 3)}


@pytest.mark.parametrize("bad", [("HL*3*2*I", "LIN*1*VP*X", "SN1**2.5*LB"), ("HL*3*2*I", "LIN**VP*X", "SN1**2*EA")])
def test_an_item_that_is_no_line_leaves_all_lines_out_and_is_reported(bad):
    data = notice(*SHIPMENT, *ORDER, *bad, *item(4, 2, 2, 6))
    assert shipped(data).lines == ()
    assert "item HL 3" in rejections(data, WMS)[0].detail


def test_without_a_tenant_the_carriers_number_names_the_shipment():
    assert shipped(FULL, Source("/3pl/kite")).about == Reference(ReferenceType.BOL, "B-77", "RDFX")


def test_a_tree_with_a_parent_that_is_not_there_is_refused():
    (rejection,) = rejections(notice(*SHIPMENT, "HL*2*9*O"), WMS)
    assert rejection.reason is RejectionReason.MALFORMED
    assert "below HL 9" in rejection.detail


def test_a_notice_that_takes_another_back_is_refused_and_not_shown_as_shipped():
    data = notice(*SHIPMENT, *ORDER, purpose="01")
    assert not events(data, WMS)
    assert "takes back" in rejections(data, WMS)[0].detail


def test_a_tree_deeper_than_any_shipment_is_refused():
    levels = [f"HL*{number}*{number - 1}*P" for number in range(3, 3000)]
    (rejection,) = rejections(notice(*SHIPMENT, *ORDER, *levels), WMS)
    assert "levels deep" in rejection.detail
