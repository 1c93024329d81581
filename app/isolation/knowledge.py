"""What is known of one tenant: what was planted, and what the service has shown to its owner since."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

import msgspec

from app.isolation.canaries import Canaries
from app.isolation.exchange import Answer
from app.isolation.search import PUBLIC_ID, Search
from app.isolation.story import CloudEvent

# So many values of one name are tried; more of the same would ask the same question again.
VALUES_MAX = 8
_LATER_DIGITS = re.compile("[1-9a-f]")
# What a parameter is called, when not as the field it looks for.
# What opens a door by itself is its owner's to keep: that it opens for others too would prove nothing.
_SECRETS = frozenset({"token", "access_token", "url"})
_OTHER_NAMES = {"ship_to": "city", "carrier": "scac", "reference": "value", "q": "value", "search": "value"}


class Knowledge:
    def __init__(self, tenant: str, canaries: Canaries, search: Search) -> None:
        self.tenant = tenant
        self.etags: list[str] = []
        self.cursors: list[str] = []
        self.link_tokens: list[str] = []
        self.events: list[CloudEvent] = []
        self._planted: dict[str, list[str]] = {}
        self._seen: dict[str, list[str]] = {}
        self._canaries = canaries
        self._search = search

    def plant(self, events: Iterable[CloudEvent]) -> None:
        """Remember what was said of this tenant: all of it may be looked for."""
        for event in events:
            self.events.append(event)
            self._harvest(event["data"])

    def hear(self, answer: Answer) -> None:
        """Learn from what its owner was shown."""
        if (etag := answer.header(b"etag")) and etag not in self.etags:
            self.etags.append(etag)
        try:
            self._harvest(msgspec.json.decode(answer.body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return

    def values(self, name: str) -> list[str]:
        """What this tenant's fields of this name hold; planted strings where there is no such field."""
        if name == "cursor":
            return self.cursors[:VALUES_MAX]
        if name == "id" or name.endswith("_id"):
            return self._ids()
        names = [name, _OTHER_NAMES.get(name, "")]
        # Planted ones first: only those can be told from anybody else's.
        kinds = (*(self._planted.get(one) for one in names), *(self._seen.get(one) for one in names))
        found = next((one for one in kinds if one), self._planted.get("value", []))
        return _from_all_over(found, VALUES_MAX)

    def _ids(self) -> list[str]:
        """Public ids of every kind of thing: each operation takes those of one, and which is not ours to know."""
        return _some_of_each_kind(self._planted.get("id") or self._seen.get("id") or self._planted.get("value", []))

    def all_values(self) -> list[str]:
        """References of every type, and ids."""
        return [*self._planted.get("id", []), *self._planted.get("value", [])]

    def nobodys(self, text: str) -> dict[str, str]:
        """What a text says of anybody's, each with something of the same form and length that never was."""
        found = {canary: self._canaries.nobodys(canary) for canary in self._canaries.found_in(text.encode())}
        found |= {match[0]: match[1] + self._nobodys_digits(len(match[2])) for match in PUBLIC_ID.finditer(text)}
        found |= {cursor: self._nobodys_cursor(cursor) for cursor in self.cursors if cursor in text}
        found |= {etag: _LATER_DIGITS.sub("0", etag) for etag in self.etags if etag in text}
        return {value: other for value, other in found.items() if value != other}

    def _nobodys_cursor(self, cursor: str) -> str:
        """The same place in a list, of a row that never was."""
        try:
            inside = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")
        except (binascii.Error, ValueError):
            return cursor
        swapped = replaced(inside, self.nobodys(inside))
        return base64.urlsafe_b64encode(swapped.encode("latin-1")).decode().rstrip("=")

    def _nobodys_digits(self, length: int) -> str:
        """The digits of an id that was never given; the same each time, so that its answer is asked for once."""
        return (self._canaries.prefix * length)[:length]

    def _harvest(self, value: Any, name: str = "", *, planted: bool = False) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            # Of several things those count first that carry a string of ours: the others may change while we look.
            planted = planted or any(isinstance(inner, str) and self._is_planted(inner) for inner in value.values())
            for key, inner in value.items():
                self._harvest(inner, key, planted=planted)
        elif isinstance(value, list):
            for inner in value:
                self._harvest(inner, name)
        elif isinstance(value, str) and value:
            self._note(name, value, planted=planted)

    def _note(self, name: str, value: str, *, planted: bool) -> None:
        if name.endswith("cursor"):
            _add(self.cursors, value)
            return
        if name in _SECRETS:
            if name != "access_token":
                # Of a link's address the last part.
                _add(self.link_tokens, value.rpartition("/")[2])
            return
        if PUBLIC_ID.fullmatch(value):
            self._search.learn_id(value, self.tenant)
            name = "id"
        known = (self._planted if planted else self._seen).setdefault(name, [])
        if planted or len(known) < VALUES_MAX:
            _add(known, value)

    def _is_planted(self, value: str) -> bool:
        return any(self._canaries.owner_of(one) == self.tenant for one in self._canaries.found_in(value.encode()))


def replaced(text: str, others: Mapping[str, str]) -> str:
    """The text with each of these in place of the one it stands for."""
    for value, other in others.items():
        text = text.replace(value, other)
    return text


def _from_all_over(values: list[str], most: int) -> list[str]:
    """Values beside each other are of one event."""
    return values[:: -(-len(values) // most) or 1]


def _some_of_each_kind(ids: list[str]) -> list[str]:
    """Shipments', orders' and others' in turn: an operation looks for one kind."""
    kinds: dict[str, list[str]] = {}
    for one in ids:
        kinds.setdefault(one.partition("_")[0], []).append(one)
    each = -(-VALUES_MAX // max(1, len(kinds)))
    in_turn = zip_longest(*(_from_all_over(own, each) for own in kinds.values()))
    return [one for several in in_turn for one in several if one][:VALUES_MAX]


def _add(known: list[str], value: str) -> None:
    if value not in known:
        known.append(value)
