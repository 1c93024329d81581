"""Whether the second wall between tenants stands, asked of the database before anything is served."""

from projections.database import Database
from projections.sql import load

SQL = load("projections")
_NAMED_MAX = 3


class WallBrokenError(Exception):
    """The role this process reads as could read around row-level security; the message says how, and what to do."""


async def refuse_holes(reading: Database) -> None:
    """Raise WallBrokenError unless row-level security holds whoever reads here.

    Looks at the role as it is now: its own rights, the roles it may become, the tables it may act as the
    owner of, and tables with tenants it may read that are not walled.
    """
    holes: list[str] = [row["hole"] for row in await reading.fetch(SQL["holes"])]
    if holes:
        role = await reading.fetchval("select current_user")
        more = f" and {len(holes) - _NAMED_MAX} more" if len(holes) > _NAMED_MAX else ""
        raise WallBrokenError(
            f"{role} could read other customers' rows: {'; '.join(holes[:_NAMED_MAX])}{more}."
            f" Take these rights from it (see docs/security.md) and start again."
        )
