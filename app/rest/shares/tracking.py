"""`GET /v1/track/{token}`: what a tracking link shows. No sign-in: who has the link has what it opens."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.problems import Problem
from app.reads.freshness import FreshnessClock
from app.reads.path import ReadPath, Served
from app.rest.answers import encode, worded_answer
from app.rest.query import no_parameters
from app.shares.shares import Share, Shares
from app.shares.tracked import tracked
from auth.addresses import client_address
from auth.limits.failures import Failures
from projections.audit.reads import ReadJournal
from projections.subjects import partition_of

# The address is the key: it goes into no cache and no index. The edge says no-referrer for all.
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
CLIENT = "tracking link"


class Tracking:
    """The door for who has no token but a link's. `openings` counts what each address asks; None: it may ask anything."""

    def __init__(
        self,
        shares: Shares,
        path: ReadPath,
        clock: FreshnessClock,
        journal: ReadJournal,
        *,
        openings: Failures | None,
        proxies: int,
    ) -> None:
        self._shares = shares
        self._path = path
        self._clock = clock
        self._journal = journal
        self._openings = openings
        self._proxies = proxies

    def handler(self) -> HTTPRouteHandler:
        @get("/v1/track/{token:str}")
        async def track(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
            self._count(client_address(request.scope, self._proxies))
            no_parameters(request)
            share, served = await self._opened(token)
            self._journal.note(f"share/{share.id}", CLIENT, share.tenant, share.shipment_id)
            freshness = self._clock.of(partition_of(share.tenant), served.document.sources, served.served_from)
            shown = tracked(served.document.document, share.expires_at, freshness)
            return worded_answer(encode(shown), request.scope, headers=HEADERS)

        return track

    async def _opened(self, token: str) -> tuple[Share, Served]:
        share = await self._shares.opened(token)
        served = await self._path.read((share.tenant,), share.shipment_id) if share else None
        if share is None or served is None:
            # The same whether it never was, has expired, was revoked, or what it opened is shown no more.
            raise Problem("not_found", "This link opens nothing.", headers={"X-Robots-Tag": "noindex"})
        return share, served

    def _count(self, address: str) -> None:
        if self._openings is None:
            return
        wait_seconds = self._openings.wait_seconds(address)
        if wait_seconds:
            detail = f"Too many links are opened from this address. Wait {wait_seconds} s."
            raise Problem("rate_limited", detail, headers={"Retry-After": str(wait_seconds)})
        self._openings.count(address)
