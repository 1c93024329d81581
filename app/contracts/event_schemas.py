"""The JSON Schema (draft 2020-12) of each event: its CloudEvents envelope and its data, in one file of its own.

Pure. What msgspec says of the structs comes first; onto it goes what the structs cannot say but the
intake checks all the same (`projections.checks`, `projections.ownership`): known codes, owners, which
references an event may be about, and when it needs its tenant. Only keywords draft-07 has too are
used, `$defs` aside: AsyncAPI 3.0 reads a payload without a format of its own as a superset of draft-07.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from app.contracts.examples import EXAMPLES, about_first
from app.contracts.rules import about_types, needs_tenant
from projections.envelope import Envelope
from projections.events import EVENT_TYPES
from projections.ownership import OWNERS
from projections.references import REFERENCE_TYPES, Uniqueness
from projections.statuses import EXCEPTIONS, MILESTONES
from projections.words import ENGLISH, catalogue

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFS = "#/$defs/"
_ATTRIBUTES = {
    "specversion": "The version of CloudEvents.",
    "id": "Unique within `source`. An event sent again under its id is a duplicate and does no harm.",
    "time": "When it happened in the world, not when it was sent: RFC 3339, with its offset.",
    "tenant": "Whose it is (a CloudEvents extension attribute). Needed wherever a reference is unique per tenant only.",
    "datacontenttype": "The data is JSON.",
}


def owners(event_type: str) -> list[str]:
    """Who may say it, the weightiest word first."""
    weights = OWNERS[event_type]
    return [role.value for role in sorted(weights, key=lambda role: (-weights[role], role.value))]


def owners_text(event_type: str) -> str:
    """Who may say it, and how much each one's word weighs."""
    weights = {role.value: weight for role, weight in OWNERS[event_type].items()}
    return ", ".join(f"{role} (weight {weights[role]})" for role in owners(event_type))


def summary(event_type: str) -> str:
    """The first sentence of what the type means; its name in words where its struct says no more."""
    described: str = _components()[EVENT_TYPES[event_type].__name__].get("description", "")
    name = event_type.rsplit(".", 1)[0].replace(".", " ").replace("_", " ").capitalize()
    return described.partition(". ")[0].removesuffix(".") + "." if described else f"{name}."


def event_schema(event_type: str) -> Schema:
    """The schema of one event type, whole in itself; `$defs` holds what it uses and nothing else."""
    data_type = EVENT_TYPES[event_type].__name__
    components = _components()
    allowed = about_types(event_type)
    data = {"$ref": _DEFS + data_type}
    about = {"properties": {"about": {"properties": {"type": {"enum": allowed}}}}}
    schema: Schema = {
        "$schema": _DIALECT,
        "title": event_type,
        "description": components[data_type].get("description", summary(event_type)),
        "x-owners": {role.value: weight for role, weight in OWNERS[event_type].items()},
        "type": "object",
        "properties": _attributes(event_type) | {"data": {"allOf": [data, about]} if allowed else data},
        "required": list(components["Envelope"]["required"]),
        # CloudEvents lets sources add extension attributes; the data is ours and closed.
        "additionalProperties": True,
    }
    if needs_tenant(event_type) or (allowed and set(allowed) <= set(_WITHIN_TENANT)):
        schema["allOf"] = [_TENANT_GIVEN]
    elif allowed:
        schema |= {"if": _NAMED_WITHIN_TENANT, "then": _TENANT_GIVEN}
    used = sorted(set(_reached(data, components)))
    return schema | {
        "examples": [EXAMPLES[event_type].cloud_event],
        "$defs": {name: components[name] for name in used},
    }


def _attributes(event_type: str) -> Schema:
    """The envelope's attributes with what this type fixes of them; `data` last, as events are written."""
    found: Schema = {
        name: attribute | ({"description": _ATTRIBUTES[name]} if name in _ATTRIBUTES else {})
        for name, attribute in _components()["Envelope"]["properties"].items()
        if name != "data"
    }
    found["type"] = {"const": event_type}
    found["source"] |= {
        "description": f"Its first segment is the role it speaks in. Owners of this type: {owners_text(event_type)}.",
        "allOf": [{"pattern": f"^/?(?:{'|'.join(owners(event_type))})(?:/|$)"}],
    }
    return found


def _reference_types(within: Uniqueness) -> list[str]:
    """Types that name a thing, but only together with their tenant or carrier."""
    found = REFERENCE_TYPES.items()
    return [name.value for name, meaning in found if meaning.identifies and meaning.unique_within is within]


def _of_types(names: list[str]) -> Schema:
    return {"properties": {"type": {"enum": names}}, "required": ["type"]}


_TENANT_GIVEN: Schema = {"properties": {"tenant": {"type": "string"}}, "required": ["tenant"]}
_WITHIN_TENANT = _reference_types(Uniqueness.TENANT)
_BY_TENANT = _of_types(_WITHIN_TENANT)
_NAMED_WITHIN_TENANT: Schema = {
    "properties": {
        "data": {
            "anyOf": [
                {"properties": {"about": _BY_TENANT}, "required": ["about"]},
                {"properties": {"references": {"contains": _BY_TENANT}}, "required": ["references"]},
            ]
        }
    }
}


@cache
def _components() -> Schema:
    """Every struct's schema by name: msgspec's, made plainer, and the rules it cannot know."""
    _, generated = msgspec.json.schema_components([Envelope, *EVENT_TYPES.values()], ref_template=_DEFS + "{name}")
    found: Schema = {name: _plain(component) for name, component in generated.items()}
    words = catalogue(ENGLISH)
    milestones = {
        code: words.milestones[code].text if one.internal is None else f"{one.internal} (not shown to customers)"
        for code, one in MILESTONES.items()
    }
    exceptions = {code: words.reasons[code].text for code in EXCEPTIONS}
    references = {
        name.value: f"{meaning.words} Unique per {meaning.unique_within}." for name, meaning in REFERENCE_TYPES.items()
    }
    found["MilestoneCode"] = _enumeration("What was reached.", milestones)
    found["ExceptionCode"] = _enumeration("What went wrong.", exceptions)
    found["ReferenceType"] = _enumeration("What kind of identifier it is, and within what it is unique.", references)
    found["ShipmentMilestone"]["properties"]["code"] = {"$ref": _DEFS + "MilestoneCode"}
    found["LoadMilestone"]["properties"]["code"] = {"$ref": _DEFS + "MilestoneCode"}
    found["ExceptionRaised"]["properties"]["code"] = {"$ref": _DEFS + "ExceptionCode"}
    found["Money"]["properties"]["amount"] |= {"pattern": r"^-?[0-9]+(?:\.[0-9]+)?$(?!\n)"}
    found["Reference"] |= {
        "if": _of_types(_reference_types(Uniqueness.CARRIER)),
        "then": {"properties": {"carrier": {"type": "string"}}, "required": ["carrier"]},
    }
    return found


def _enumeration(description: str, words: dict[str, str]) -> Schema:
    lines = [f"- `{code}`: {meaning}" for code, meaning in words.items()]
    return {"description": "\n".join([description, "", *lines]), "type": "string", "enum": list(words)}


def _plain(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`null` beside one type written as that type or null; defaults left out, for absent and default mean the same."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(item) for key, item in node.items() if key != "default"}
    match plain.get("anyOf"):
        case [{"type": str() as name, **rest}, {"type": "null"}]:
            return {"type": [name, "null"], **rest}
        case [{"enum": list() as values}, {"type": "null"}]:
            return {"enum": [*values, None]}
    if "about" in (fields := plain.get("properties", {})):
        plain["properties"] = about_first(fields)
    return plain


def _reached(node: Any, components: Schema) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Names of the components a schema refers to, and those they refer to. No struct contains itself."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix(_DEFS)
            yield name
            yield from _reached(components[name], components)
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _reached(item, components)
