"""Arguments that several fields take."""

from typing import Annotated, Final

import strawberry

PAGE_MAX: Final = 200
NODES_MAX: Final = 200

First = Annotated[int, strawberry.argument(description=f"How many, up to {PAGE_MAX}.")]
After = Annotated[
    str | None,
    strawberry.argument(description="After this item: an edge's `cursor`, an `endCursor`, or REST's `next_cursor`."),
]
Id = Annotated[strawberry.ID, strawberry.argument(description="A public id.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"Public ids, up to {NODES_MAX}.")]
