"""Everybody asks for what is another's, in every way there is, and every byte of the answers is looked at."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from app.isolation.comparing import difference, shape_of, twin_of
from app.isolation.drivers import Driven
from app.isolation.exchange import Answer, Request
from app.isolation.findings import Leak
from app.isolation.knowledge import Knowledge
from app.isolation.parties import Party
from app.isolation.stage import Stage

_TIMES = 3
# Questions beyond one round of each party are shared out among the parties: each asks one in so many.
_SHARES = 4
_FAULT, _UNAVAILABLE = 500, 503

Tells = Callable[[Answer, Answer], str | None]


class Round(msgspec.Struct, frozen=True):
    """One party against one tenant over one operation.

    In one round of each party it asks all there is to ask, if it may ask at all, and all tricks are tried. In the
    others it asks its share: `number` counts the parties, so that together they ask everything.
    """

    operation: Driven
    attacker: Party
    known: Knowledge
    number: int
    in_full: bool

    @property
    def may_see_all(self) -> bool:
        return self.operation.audience == "operators" and self.operation.open_to(self.attacker)

    def requests(self) -> Iterator[Request]:
        """What is asked. Who may see all can be shown nothing that is too much, but start what must not be started."""
        if self.may_see_all:
            return
        asked = list(self.operation.own(self.known))
        everything = self.in_full and self.operation.open_to(self.attacker)
        yield from asked if everything else asked[self.number % _SHARES :: _SHARES] or asked[:1]
        if self.in_full:
            yield from self.operation.tricks(self.known)


class Attack:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._twins: dict[tuple[str, Request], Answer] = {}
        # What a party has brought in itself may come back to it later.
        self._brought: dict[str, bytes] = {}

    async def run(self, advance: Callable[[], None]) -> None:
        """Each party against each other tenant over each operation."""
        known = list(self._stage.known.values())
        rounds = [
            self._try(Round(operation, attacker, victim, number, victim is known[(number + 1) % len(known)]), advance)
            for number, attacker in enumerate(self._stage.parties.everybody)
            for victim in known
            if attacker.tenant != victim.tenant
            for operation in self._stage.operations
        ]
        await asyncio.gather(*rounds)

    async def _try(self, tried: Round, advance: Callable[[], None]) -> None:
        self._stage.findings.tried.setdefault(tried.operation.id, set()).add(tried.known.tenant)
        for request in list(tried.requests()):
            answer = await self._ask(tried, request)
            self._note_fault(tried, request, answer)
            if not self._leaks(tried, request, answer):
                await self._compare(tried, request, answer)
        advance()

    async def _ask(self, tried: Round, request: Request) -> Answer:
        self._stage.findings.probes[tried.operation.id] += 1
        if request.body is not None and tried.operation.open_to(tried.attacker):
            self._brought[tried.attacker.name] = self._brought.get(tried.attacker.name, b"") + request.body
        return await self._stage.exchange.send(request, tried.attacker.authorization)

    def _leaks(self, tried: Round, request: Request, answer: Answer) -> bool:
        repeated = request.text() + self._brought.get(tried.attacker.name, b"")
        leaked = self._stage.search.of_others(answer.text(), tried.attacker.tenant, repeated)
        for found in leaked:
            self._leak(
                tried, request, answer, kind=found.kind, victim=found.tenant, what=f"{found.field}: {found.value}"
            )
        return bool(leaked)

    async def _compare(self, tried: Round, request: Request, answer: Answer) -> None:
        """Existence must not show: ask the same about what never was, and compare."""
        nobodys = tried.known.nobodys(request.text().decode())
        twin = twin_of(request, nobodys)
        # A source that speaks of what never was would make it be.
        if not nobodys or (tried.operation.audience == "sources" and tried.operation.open_to(tried.attacker)):
            return
        told = partial(difference, nobodys=nobodys, only_status=request.body is not None)
        key = (tried.attacker.name, twin)
        if key not in self._twins:
            self._twins[key] = await self._ask(tried, twin)
        if told(answer, self._twins[key]) and (tells := await self._tells_each_time(tried, request, twin, told)):
            self._leak(tried, request, answer, kind="existence", victim=tried.known.tenant, what=tells)

    async def _tells_each_time(self, tried: Round, request: Request, twin: Request, told: Tells) -> str | None:
        """A difference counts when it is there while nothing moves: between two equal answers, several times."""
        tells = None
        for _ in range(_TIMES):
            before, twins, after = [await self._ask(tried, one) for one in (request, twin, request)]
            if not (told(before, twins) and told(after, twins)):
                return None
            tells = told(after, twins) if shape_of(before) == shape_of(after) else tells
        return tells

    def _note_fault(self, tried: Round, request: Request, answer: Answer) -> None:
        if answer.status >= _FAULT and answer.status != _UNAVAILABLE:
            asked = f"{answer.status} to {request.method} {request.target[:200]}"
            self._stage.findings.faults[f"{tried.operation.name}: {asked}"] += 1

    def _leak(self, tried: Round, request: Request, answer: Answer, *, kind: str, victim: str, what: str) -> None:
        self._stage.findings.leak(
            Leak(
                operation=tried.operation.id,
                kind=kind,
                victim=victim,
                shown_to=tried.attacker.name,
                what=what,
                request=_shortened(request),
                status=answer.status,
            )
        )


def _shortened(request: Request) -> str:
    head = f"{request.method} {request.target}"[:300]
    headers = "".join(f"; {name}: {value[:100]}" for name, value in request.headers)
    body = f"; body {request.body[:100]!r}" if request.body else ""
    return head + headers + body
