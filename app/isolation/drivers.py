"""From each door of the deployment, the operations to drive. A new door is a new driver in this list."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Literal

import msgspec

from app.isolation.description import Description, Operation
from app.isolation.exchange import Exchange, Request
from app.isolation.inputs import Inputs
from app.isolation.knowledge import Knowledge
from app.isolation.parties import CannotStartError, Party
from app.isolation.tricks import tricks

Audience = Literal["customers", "operators", "sources", "everybody"]
Ask = Callable[[Knowledge], Iterator[Request]]


class Driven(msgspec.Struct, frozen=True):
    """An operation: for whom it is, what to ask of it about a tenant, and what only an attacker tries."""

    id: str
    name: str
    audience: Audience
    scopes: tuple[str, ...]
    statuses: frozenset[int]
    is_read: bool
    is_removal: bool
    own: Ask
    tricks: Ask

    def open_to(self, party: Party) -> bool:
        return all(party.may(scope) for scope in self.scopes)


Driver = Callable[[Exchange], Awaitable[list[Driven]]]


async def rest(exchange: Exchange) -> list[Driven]:
    """Every operation of the served `/openapi.json`."""
    answer = await exchange.send(Request("GET", "/openapi.json"))
    try:
        description = Description(msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise CannotStartError(f"/openapi.json is no OpenAPI document: {error!r}") from None
    return [_driven(operation, description) for operation in description.operations]


def _driven(operation: Operation, description: Description) -> Driven:
    is_read = operation.method == "GET"

    def own(known: Knowledge) -> Iterator[Request]:
        yield from Inputs(description, known).requests(operation)

    def unusual(known: Knowledge) -> Iterator[Request]:
        plain = next(own(known), None)
        if is_read and plain is not None:
            yield from tricks(plain, known)

    return Driven(
        id=operation.id,
        name=f"{operation.method} {operation.path}",
        audience=_audience(operation),
        scopes=operation.scopes,
        statuses=operation.statuses,
        is_read=is_read,
        is_removal=operation.method == "DELETE",
        own=own,
        tricks=unusual,
    )


def _audience(operation: Operation) -> Audience:
    if operation.is_for_operators:
        return "operators"
    if operation.is_for_sources:
        return "sources"
    return "customers" if operation.is_for_customers else "everybody"


DRIVERS: tuple[Driver, ...] = (rest,)
