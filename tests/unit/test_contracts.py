"""The published contract: it is what the code does, and each of its examples is an event we take in."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from app.cli.schema import schema as schema_command
from app.contracts.asyncapi import asyncapi_document
from app.contracts.event_schemas import event_schema, owners
from app.contracts.examples import EXAMPLES, STORY
from app.contracts.generate import contract_files, differences, write
from app.contracts.yaml_text import to_yaml
from projections.envelope import decode
from projections.event import Event
from projections.events import EVENT_TYPES, About
from projections.intake.correlation import Correlation
from projections.ownership import Role
from projections.references import ReferenceType
from projections.statuses import EXCEPTIONS, MILESTONES

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 4, 1, tzinfo=UTC)
TYPES = sorted(EVENT_TYPES)
ABOUT_TYPES = [name for name in TYPES if issubclass(EVENT_TYPES[name], About)]
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def has_an_offset(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


VALIDATORS = {name: Draft202012Validator(event_schema(name), format_checker=FORMATS) for name in TYPES}


def example(event_type, **data):
    """The type's example; `data` fields replaced, or left out where None."""
    event = EXAMPLES[event_type].cloud_event
    changed = {name: value for name, value in (event["data"] | data).items() if value is not None}
    return event | {"data": changed}


def is_valid(event):
    return VALIDATORS[event["type"]].is_valid(event)


def is_taken(event):
    return isinstance(decode(json.dumps(event).encode(), NOW), Event)


def test_the_committed_files_are_what_the_code_generates():
    assert differences(ROOT / "openapi") == []


def test_every_type_has_exactly_one_file_and_one_example():
    assert sorted(name for name in contract_files() if name.startswith("events/")) == [
        f"events/{name}.json" for name in TYPES
    ]
    assert sorted(one.type for one in STORY) == TYPES


def test_the_files_are_the_same_each_time():
    assert contract_files() == contract_files()


@pytest.mark.parametrize("event_type", TYPES)
def test_an_example_fits_its_schema_and_is_taken_in(event_type):
    event = example(event_type)
    VALIDATORS[event_type].check_schema(event_schema(event_type))
    assert [error.message for error in VALIDATORS[event_type].iter_errors(event)] == []
    decoded = decode(json.dumps(event).encode(), NOW)
    assert isinstance(decoded, Event)
    assert decoded.data == EXAMPLES[event_type].data


def test_the_examples_are_one_story_in_which_each_event_finds_what_it_is_about():
    correlation = Correlation()
    for one in sorted(STORY, key=lambda one: one.time):
        correlation.place(one.event)
    assert not correlation.conflicts
    # The order that was called off is told by its end alone.
    assert {name.value for name, _ in correlation.held()} == {"SO-20072", "TS-88413"}


@pytest.mark.parametrize("event_type", TYPES)
def test_an_unknown_field_of_the_data_is_refused(event_type):
    event = example(event_type, colour="red")
    assert not is_valid(event)
    assert not is_taken(event)


@pytest.mark.parametrize("event_type", ABOUT_TYPES)
def test_an_event_must_say_what_it_is_about(event_type):
    event = example(event_type, about=None)
    assert not is_valid(event)
    assert not is_taken(event)


@pytest.mark.parametrize("event_type", TYPES)
def test_an_extension_attribute_is_let_through(event_type):
    event = example(event_type) | {"recordedtime": "2026-03-02T10:00:00Z", "sequence": "17"}
    assert is_valid(event)
    assert is_taken(event)


@pytest.mark.parametrize("event_type", TYPES)
def test_a_time_without_its_offset_is_refused(event_type):
    event = example(event_type) | {"time": "2026-03-02T10:00:00"}
    assert not is_valid(event)
    assert not is_taken(event)


@pytest.mark.parametrize("event_type", TYPES)
def test_schema_and_intake_agree_on_who_may_speak(event_type):
    for role in Role:
        event = example(event_type)
        # A carrier speaks of its own numbers only: its source is named as they are.
        event |= {"source": f"/{role}/{event['data'].get('about', {}).get('carrier', 'main')}"}
        assert is_valid(event) == is_taken(event) == (role in owners(event_type))


@pytest.mark.parametrize("event_type", ABOUT_TYPES)
@pytest.mark.parametrize("tenant", [{"tenant": "nordwind"}, {"tenant": None}])
@pytest.mark.parametrize("carrier", [{"carrier": "NDVK"}, {}])
def test_schema_and_intake_agree_on_what_an_event_may_be_about(event_type, tenant, carrier):
    for name in ReferenceType:
        event = example(event_type, about={"type": name, "value": "X-1"} | carrier, references=None) | tenant
        assert is_valid(event) == is_taken(event), name


@pytest.mark.parametrize("event_type", TYPES)
def test_schema_and_intake_agree_on_when_the_tenant_is_needed(event_type):
    event = example(event_type)
    event.pop("tenant", None)
    assert is_valid(event) == is_taken(event)


@pytest.mark.parametrize(
    ("event_type", "known"),
    [
        ("shipment.milestone.v1", MILESTONES),
        ("load.milestone.v1", MILESTONES),
        ("shipment.exception_raised.v1", EXCEPTIONS),
    ],
)
def test_schema_and_intake_know_the_same_codes(event_type, known):
    for code in [*MILESTONES, *EXCEPTIONS, "beamed_up"]:
        event = example(event_type, code=code)
        assert is_valid(event) == is_taken(event) == (code in known)


def test_the_asyncapi_document_has_a_message_for_every_type_on_both_doors():
    document = yaml.safe_load(contract_files()["asyncapi.yaml"])
    assert document["asyncapi"] == "3.0.0"
    messages = document["components"]["messages"]
    assert sorted(messages) == sorted([*TYPES, "batch"])
    assert sorted(document["channels"]["feed"]["messages"]) == TYPES
    assert sorted(document["channels"]["http"]["messages"]) == sorted([*TYPES, "batch"])
    for name in TYPES:
        assert messages[name]["examples"][0]["payload"] == EXAMPLES[name].cloud_event
        assert all(role in messages[name]["description"] for role in owners(name))


def test_every_reference_of_the_asyncapi_document_leads_somewhere():
    document, files = asyncapi_document(), contract_files()
    found = list(references(document))
    assert len(found) > 3 * len(TYPES)
    for reference in found:
        if reference.startswith("#/"):
            target = document
            for step in reference[2:].split("/"):
                target = target[step]
        else:
            assert reference.removeprefix("./") in files


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def test_the_yaml_says_what_the_document_says():
    assert yaml.safe_load(contract_files()["asyncapi.yaml"]) == asyncapi_document()


@pytest.mark.parametrize(
    "text",
    ["", " ", "no", "Null", "1.0", "1e3", "2026-03-02", "a: b", "a #b", "#a", "- a", "*a", "a\nb", " a\nb", "a\n\n  b"],
)
def test_text_survives_yaml(text):
    value = {"text": text, "texts": [text, {"text": [text]}], "none": None, "empty": [], "numbers": [1, 2.5, True]}
    assert yaml.safe_load(to_yaml(value)) == value


def test_check_passes_on_what_was_just_written(tmp_path):
    assert len(write(tmp_path)) == len(contract_files())
    answer = CliRunner().invoke(schema_command, [str(tmp_path), "--check"])
    assert answer.exit_code == 0, answer.output
    assert write(tmp_path) == []


def test_check_names_what_differs_and_writes_nothing(tmp_path):
    write(tmp_path)
    edited, missing = tmp_path / "asyncapi.yaml", tmp_path / "events/order.released.v1.json"
    stale = tmp_path / "events/order.teleported.v1.json"
    edited.write_text("mine")
    missing.unlink()
    stale.write_text("{}")
    answer = CliRunner().invoke(schema_command, [str(tmp_path), "--check"])
    assert answer.exit_code == 1
    assert [line.removeprefix("differs: ") for line in answer.stdout.splitlines()] == [
        str(edited),
        str(missing),
        str(stale),
    ]
    assert edited.read_text() == "mine"
    assert not missing.exists()


def test_writing_again_mends_what_differs_and_removes_what_is_no_more(tmp_path):
    write(tmp_path)
    (tmp_path / "asyncapi.yaml").write_text("mine")
    stale = tmp_path / "events/order.teleported.v1.json"
    stale.write_text("{}")
    answer = CliRunner().invoke(schema_command, [str(tmp_path)])
    assert answer.exit_code == 0
    assert f"removed {stale}" in answer.stdout
    assert differences(tmp_path) == []


def test_one_schema_can_be_printed():
    answer = CliRunner().invoke(schema_command, ["--event", "order.released.v1"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == event_schema("order.released.v1")


@pytest.mark.parametrize(
    "arguments", [["--event", "order.teleported.v1"], ["--event", "order.released.v1", "--check"], ["--nonsense"]]
)
def test_wrong_options_exit_with_2(arguments):
    assert CliRunner().invoke(schema_command, arguments).exit_code == 2


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "events").write_text("a file where a folder should be")
    answer = CliRunner().invoke(schema_command, [str(tmp_path)])
    assert answer.exit_code == 1
    assert "cannot be written" in answer.stderr


def test_the_events_page_lists_every_type_with_its_owners():
    page = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    listed = {cells[1].strip().strip("`"): cells[3].strip() for cells in rows if ".v1`" in cells[1]}
    assert listed == {name: ", ".join(owners(name)) for name in EVENT_TYPES}


def test_the_examples_all_lie_in_the_past_and_within_one_month():
    times = [one.time for one in STORY]
    assert max(times) - min(times) < timedelta(days=31)
    assert max(times) < NOW
