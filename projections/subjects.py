"""What an event is folded into, and on which partition of the log that lies."""

import zlib
from functools import lru_cache
from typing import Self

import msgspec

from projections.references import SubjectKind, public_id

# Fixed for the life of a database: a tenant's history lies on one partition. Leases share partitions
# out, so this bounds how many projectors can work at once.
PARTITION_COUNT = 16


class Subject(msgspec.Struct, frozen=True):
    """An order, shipment or load. `tenant` is None for a load: it carries several customers'."""

    id: str
    tenant: str | None

    @classmethod
    def of(cls, kind: SubjectKind, tenant: str | None, value: str) -> Self:
        owner = None if kind is SubjectKind.LOAD else tenant
        return cls(public_id(kind, owner, value), owner)

    @property
    def partition(self) -> int:
        """All of a tenant's on one partition, so that an order and its shipments are folded in one transaction."""
        return partition_of(self.tenant or self.id)


@lru_cache(maxsize=10_000)
def partition_of(tenant: str) -> int:
    return zlib.crc32(tenant.encode()) % PARTITION_COUNT


def is_shipment(subject_id: str) -> bool:
    return subject_id.startswith("shp_")


def is_order(subject_id: str) -> bool:
    return subject_id.startswith("ord_")
