"""The contract as files: what `openapi/` holds, made from the code each time the same."""

import json
from pathlib import Path

from app.contracts.asyncapi import asyncapi_document
from app.contracts.event_schemas import event_schema
from app.contracts.yaml_text import to_yaml
from app.graphql.schema import sdl
from app.rest import openapi
from projections.events import EVENT_TYPES


def contract_files() -> dict[str, str]:
    """Text by path relative to the folder, in a fixed order."""
    events = {f"events/{name}.json": json_text(event_schema(name)) for name in EVENT_TYPES}
    rest = {"openapi.json": json_text(openapi.document())}
    return {**rest, "schema.graphql": sdl(), "asyncapi.yaml": to_yaml(asyncapi_document()), **events}


def json_text(document: object) -> str:
    """JSON to be read by people and compared line by line."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write what differs and remove event schemas of types that are no more; says which were touched."""
    files = contract_files()
    touched = []
    for name in differences(folder):
        path = folder / name
        touched.append(path)
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return touched


def differences(folder: Path) -> list[str]:
    """Relative paths that are missing, different, or schemas of no type we know."""
    files = contract_files()
    stale = sorted(f"events/{path.name}" for path in (folder / "events").glob("*.json"))
    return [name for name in dict.fromkeys([*files, *stale]) if _text(folder / name) != files.get(name)]


def _text(path: Path) -> str | None:
    try:
        # Bytes as they are: text mode would hide a file whose line ends were changed.
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
