"""The operations on public tracking links."""

from app.rest.operation import READ, READ_ONE, WRITE, Operation
from app.rest.shares.managing import SCOPE, NewShare, SharePage, SharesQuery, ShareWanted
from app.shares.shares import Share
from app.shares.tracked import TrackedShipment

SHARE_OPERATIONS = (
    Operation(
        id="createShare", method="post", path="/v1/shares", tag="Tracking links", scope=SCOPE,
        summary="A public link that opens one shipment to whoever has it, until it expires. Its address is told once.",
        body=ShareWanted, status=201, answer=NewShare, refusals=WRITE,
    ),
    Operation(
        id="listShares", method="get", path="/v1/shares", tag="Tracking links", scope=SCOPE,
        summary="Your tracking links, the newest first; those that ended too.", query=SharesQuery, answer=SharePage,
        refusals=READ,
    ),
    Operation(
        id="getShare", method="get", path="/v1/shares/{share_id}", tag="Tracking links", scope=SCOPE,
        summary="One tracking link.", answer=Share, refusals=READ_ONE,
    ),
    Operation(
        id="revokeShare", method="delete", path="/v1/shares/{share_id}", tag="Tracking links", scope=SCOPE,
        summary="End a tracking link. It stays listed.", status=204, answer=None, refusals=READ_ONE,
    ),
    Operation(
        id="track", method="get", path="/v1/track/{token}", tag="Tracking links", scope=None,
        summary="What a tracking link shows of its shipment: how far it is and when it comes. The link's token is all it"
        " takes.",
        answer=TrackedShipment, worded=True, refusals=(400, 401, 404, 405, 429, 500, 503),
    ),
)  # fmt: skip
