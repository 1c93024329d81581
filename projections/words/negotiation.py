"""Which of our languages a reader asked for: `Accept-Language` (RFC 9110, 12.5.4) by look-up (RFC 4647, 3.4). Pure."""

import re
from functools import lru_cache

from projections.words.catalogue import ENGLISH, LANGUAGES, Language

# A dozen languages with their regions fit; what is longer asks for nothing we could know.
ACCEPTED_BYTES_MAX = 500
_RANGE = re.compile(
    r"(?P<range>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII,
)


def negotiated(accepted: bytes) -> Language:
    """The language to answer in. English where nothing of the header is ours or understood: it is never an error."""
    return _negotiated(accepted) if len(accepted) <= ACCEPTED_BYTES_MAX else ENGLISH


# Readers send few different headers: each is understood once.
@lru_cache(maxsize=1_024)
def _negotiated(accepted: bytes) -> Language:
    weights = _weights(accepted.decode("latin-1").lower())
    offered = [language for language in LANGUAGES if weights.get(language) != 0]
    wanted = [one for one, weight in weights.items() if weight]
    # Of equal weight the first: sorting keeps their order.
    for one in sorted(wanted, key=lambda one: -weights[one]):
        for language in offered:
            if one.split("-")[0] == language:
                return language
    # Any other will do, wherever that was said.
    return offered[0] if "*" in wanted and offered else ENGLISH


def _weights(accepted: str) -> dict[str, float]:
    """What is asked for, as it is listed, with how much; what is malformed is passed over."""
    ranges = (_RANGE.fullmatch(one.strip(" \t")) for one in accepted.split(","))
    return {found["range"]: float(found["weight"] or 1) for found in ranges if found}
