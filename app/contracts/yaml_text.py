"""JSON values as YAML 1.2 block text: what the AsyncAPI document needs of YAML, and no more."""

import json
import re
from collections.abc import Iterable, Iterator

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

# Bare where every YAML reader agrees it is a string; 1.1 readers take the words below for something else.
_BARE = re.compile(r"[A-Za-z$/.][A-Za-z0-9_$/.,\-]*(?: [A-Za-z0-9_(][A-Za-z0-9_$/.(),;'\-]*)*")
_NOT_STRINGS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def to_yaml(value: Json) -> str:
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Json) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(_scalar(key), item)
    elif isinstance(value, list) and value:
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from _indented(rest)
    else:
        yield _scalar(value)


def _entry(key: str, item: Json) -> Iterator[str]:
    if isinstance(item, str) and "\n" in item and item == item.strip():
        yield f"{key}: |-"
        yield from _indented(item.split("\n"))
    elif isinstance(item, dict | list) and item:
        yield f"{key}:"
        yield from _indented(_lines(item))
    else:
        yield f"{key}: {_scalar(item)}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" if line else line for line in lines)


def _scalar(value: Json) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _NOT_STRINGS:
        return value
    return json.dumps(value, ensure_ascii=False)
