"""What belongs to what in an IFTSTA.

The directories nest differently: equipment stands below a status (D.96A, D.00B) or, since D.10A, also on its own with
statuses below it. So nothing is taken from the directory's number: a segment belongs to the group last opened, and an
EQD opens a group of its own where no status is open that it could belong to.
"""

from collections.abc import Sequence

import msgspec

from projections.sources.edifact.segments import Segment


class Group(msgspec.Struct):
    """A leading segment and those that say more about it."""

    lead: Segment
    parts: list[Segment] = []

    def all(self, tag: str) -> list[Segment]:
        return [segment for segment in self.parts if segment.tag == tag]


class Status(msgspec.Struct):
    """A status (STS) with what was said about it, and what it was said of."""

    own: Group
    header: Group
    consignment: Group | None = None
    stand_alone: Group | None = None
    legs: list[Group] = []
    equipment: list[Group] = []
    goods: list[Group] = []

    @property
    def lead(self) -> Segment:
        return self.own.lead

    @property
    def containers(self) -> list[Group]:
        """The equipment the status is of: that below it, or that it stands below."""
        return [*self.equipment, *([self.stand_alone] if self.stand_alone else [])]


class Structure(msgspec.Struct):
    header: Group
    statuses: list[Status] = []
    consignments_count: int = 0


class _Walk:
    """Goes through the segments once; `open` are the groups the next plain segment belongs to."""

    def __init__(self, unh: Segment) -> None:
        self.found = Structure(Group(unh))
        self.open: list[Group] = [self.found.header]
        self.consignment: Group | None = None
        self.stand_alone: Group | None = None
        self.statuses: list[Status] = []

    def step(self, segment: Segment) -> None:
        match segment.tag:
            case "CNI":
                self.found.consignments_count += 1
                self.consignment = Group(segment)
                self._outside_status(self.consignment)
                self.stand_alone = None
            case "EQD" if not self.statuses or self.stand_alone is not None:
                self.stand_alone = Group(segment)
                self._outside_status(self.stand_alone)
            case "STS":
                self._status(segment)
            case "TDT" if self.statuses:
                self._below(segment, "legs")
            case "EQD":
                self._below(segment, "equipment")
            case "GID" | "PCI" if self.statuses:
                self._below(segment, "goods")
            case _:
                for group in self.open:
                    group.parts.append(segment)

    def _outside_status(self, group: Group) -> None:
        self.open, self.statuses = [group], []

    def _status(self, segment: Segment) -> None:
        status = Status(Group(segment), self.found.header, self.consignment, self.stand_alone)
        follows = self.statuses and self.open == [each.own for each in self.statuses]
        # Below equipment, statuses stand together and what follows is said of all of them.
        together = follows and self.stand_alone is not None and not self.statuses[-1].own.parts
        self.statuses = [*self.statuses, status] if together else [status]
        self.open = [each.own for each in self.statuses]
        self.found.statuses.append(status)

    def _below(self, segment: Segment, where: str) -> None:
        group = Group(segment)
        for status in self.statuses:
            getattr(status, where).append(group)
        self.open = [group]


def structure(segments: Sequence[Segment]) -> Structure:
    """The statuses of a message, UNH to UNT, in order."""
    walk = _Walk(segments[0])
    for segment in segments[1:-1]:
        walk.step(segment)
    return walk.found
