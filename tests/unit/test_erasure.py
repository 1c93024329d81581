"""Telling a person from what only looks alike, and taking one out of an event without harming the rest."""

import json
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum

import msgspec
import pytest

from projections.envelope import decode, decode_stored
from projections.erasure.bodies import encoded, event_without, mentions, message_without
from projections.erasure.person import MARKER, Person, TooVagueError, stands_for
from projections.event import Event
from projections.events import EVENT_TYPES
from projections.personal import IMPERSONAL, PERSONAL
from tests.messages import at, message, milestone, order_released, shipment_planned

ERIKA = Person(["Erika Muster", "erika@example.com"])
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def structs(of: object) -> Iterator[type[msgspec.Struct]]:
    """A struct, and all that its fields can hold."""
    if isinstance(of, type) and issubclass(of, msgspec.Struct):
        yield of
        for hint in typing.get_type_hints(of).values():
            yield from structs(hint)
    for part in typing.get_args(of):
        yield from structs(part)


def is_text(hint: object) -> bool:
    if isinstance(hint, type):
        return issubclass(hint, str) and not issubclass(hint, Enum)
    return typing.get_origin(hint) is not typing.Literal and any(is_text(part) for part in typing.get_args(hint))


def test_every_text_of_every_event_is_held_personal_or_not():
    texts = {
        (one, name)
        for data in EVENT_TYPES.values()
        for one in structs(data)
        for name, hint in typing.get_type_hints(one).items()
        if is_text(hint)
    }
    personal, impersonal = ({(one, name) for one in said for name in said[one]} for said in (PERSONAL, IMPERSONAL))
    assert not personal & impersonal
    assert personal | impersonal == texts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Erika Muster", True),
        ("ERIKA   MUSTER", True),
        ("left with erika\nmuster, ground floor", True),
        ("<Erika@Example.com>", True),
        ("Erika Mustermann", False),
        ("Erika", False),
        ("Frederika Muster", False),
        ("Muster Erika", False),
    ],
)
def test_a_person_is_found_as_whole_words_in_any_case(text, found):
    assert ERIKA.in_text(text) is found
    assert (ERIKA.struck(text) != text) is found


def test_accents_may_be_composed_either_way():
    assert Person(["Zoë Čapková"]).in_text("ZOE\u0308 C\u030capkova\u0301")


@pytest.mark.parametrize("texts", [[], ["A."], ["Erika Muster", "--"]])
def test_a_person_of_hardly_any_letters_is_too_vague(texts):
    with pytest.raises(TooVagueError):
        Person(texts)


def test_a_digest_proves_who_it_was_and_says_nothing_else():
    one, other = ERIKA.digests()
    assert stands_for(one, "Erika Muster")
    assert not stands_for(one, "Erika Mustermann")
    assert stands_for(other, "erika@example.com")
    assert ERIKA.digests()[0] != one


def understood(body: bytes) -> Event:
    event = decode(body, NOW)
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize("body", [order_released(), shipment_planned(), milestone(time="2026-03-02T09:00:00+02:00")])
def test_an_event_written_anew_says_the_same(body):
    event = understood(body)
    again = decode_stored(encoded(event), event.authority)
    assert (again.data, again.tenant, again.key) == (event.data, event.tenant, event.key)
    assert again.occurred_at.isoformat() == event.occurred_at.isoformat()


def test_amounts_keep_every_digit():
    charge = {"charge": "C-1", "kind": "fuel", "money": {"amount": "12.50", "currency": "EUR"}}
    about = {"about": {"type": "pro", "value": "P", "carrier": "ABFS"}}
    event = understood(message("charge.posted.v1", about | charge))
    assert json.loads(encoded(event))["data"]["money"]["amount"] == "12.50"


def stop(number: int, tenant: str | None) -> dict[str, object]:
    shipments = [{"tenant": tenant, "tms_shipment": f"S-{number}"}] if tenant else []
    place = {"name": "Erika Muster", "city": "Kiel"}
    return {"stop": number, "purpose": "delivery", "place": place, "shipments": shipments, "planned_at": at(3)}


def test_another_customers_stop_keeps_its_person_of_the_same_name():
    stops = [stop(1, "nordwind"), stop(2, "suedwind"), stop(3, None)]
    body = message("load.planned.v1", {"about": {"type": "load", "value": "L-1"}, "stops": stops}, tenant=None)
    after = event_without(understood(body), ERIKA, "nordwind")
    assert [one["place"]["name"] for one in json.loads(after)["data"]["stops"]] == [MARKER, "Erika Muster", MARKER]
    assert mentions(after, ERIKA) == 1


def test_an_identifier_made_of_a_name_stays():
    event = understood(order_released("ERIKA MUSTER", id="erika muster 1"))
    after = event_without(event, ERIKA, "nordwind")
    assert decode_stored(after, event.authority).data == event.data


def test_what_nobody_understood_goes_when_an_event_is_written_anew():
    event = understood(milestone(driver="Erika Muster"))
    assert mentions(event.body, ERIKA) == 1
    assert mentions(event_without(event, ERIKA, "nordwind"), ERIKA) == 0


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (b"N1*ST*ERIKA MUSTER*92*1~", b"N1*ST*[erased]*92*1~"),
        (b'{"a": "Erika Muster", "b": 12.50', b'{"a": "[erased]", "b": 12.50'),
        (b"\xff\xfeErika Muster\xff", b"\xff\xfe[erased]\xff"),
        (b'{"a": "\\u0045rika Muster"}', b"[erased]"),
        (b"nothing of hers", b"nothing of hers"),
    ],
)
def test_a_message_nobody_understood_is_struck_through(body, after):
    assert message_without(body, ERIKA) == after


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_either_encoding_is_struck_through(encoding):
    assert message_without("NAD+CN+++JÖRG GROẞ'".encode("utf-8"), Person(["Jörg Groß"]))  # noqa: UP012 - beside the other
    assert message_without("NAD+CN+++JÖRG KÄS'".encode(encoding), Person(["Jörg Käs"])) == b"NAD+CN+++[erased]'"
