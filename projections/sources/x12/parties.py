"""The parties of a message, N1 loops (N1, N2, N3, N4), and their places."""

from collections.abc import Container, Iterable, Iterator

from projections.sources.x12.reading import at, place
from projections.sources.x12.syntax import Segment
from projections.values import Place

_OF_A_PARTY = frozenset({"N2", "N3", "N4"})


def places(segments: Iterable[Segment]) -> Iterator[tuple[str, Place]]:
    """Each N1 loop's qualifier (N1-01) and place: the name with what its N4 says."""
    party: Segment | None = None
    lands: Segment = []
    for segment in segments:
        if segment[0] == "N4" and party is not None:
            lands = segment
        elif segment[0] not in _OF_A_PARTY:
            yield from _placed(party, lands)
            party, lands = (segment, []) if segment[0] == "N1" else (None, [])
    yield from _placed(party, lands)


def party_place(segments: Iterable[Segment], qualifiers: Container[str]) -> Place | None:
    """The place of the one party of this kind; None when the message names none or several."""
    found = {where for qualifier, where in places(segments) if qualifier in qualifiers and where.city}
    return found.pop() if len(found) == 1 else None


def _placed(party: Segment | None, lands: Segment) -> Iterator[tuple[str, Place]]:
    if party is None:
        return
    where = place(at(lands, 1), at(lands, 2), at(lands, 4), name=at(party, 2), postal_code=at(lands, 3))
    if where is not None:
        yield at(party, 1).upper(), where
