"""Words found by walking an answer's members: what translation in bytes must agree with."""

from collections.abc import Iterator
from typing import Any

from projections.words import Language, Wording, catalogue


def wording_of(member: dict[str, Any], language: Language) -> Wording:
    """What a member's code has in a language: what there is to do tells reasons and exceptions from milestones."""
    words = catalogue(language)
    return (words.reasons if "action_required" in member else words.milestones)[member["code"]]


def worded(answer: Any) -> Iterator[dict[str, Any]]:
    """Every member of a decoded answer that shows a text, at any depth."""
    members = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    if isinstance(answer, dict) and "text" in answer:
        yield answer
    for member in members:
        yield from worded(member)


def says(answer: Any, language: Language) -> int:
    """Hold that every text of an answer is of this language's catalogue; returns how many there are."""
    found = list(worded(answer))
    for member in found:
        wording = wording_of(member, language)
        assert member["text"] == wording.text, member
        assert member.get("action_required") == wording.action_required, member
    return len(found)
