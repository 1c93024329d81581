"""A plan carried out: its documents and lists read, its answer made."""

import asyncio
import inspect
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import msgspec
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, get_variable_values
from graphql.execution.values import VariableValues

from app.graphql.compiled import Declined
from app.graphql.compiled.collecting import conditions_of
from app.graphql.compiled.plan import Plan, Root, plan_of
from app.graphql.compiled.variables import QuickVariables
from app.graphql.listing import Listing, Wanted
from app.graphql.reading import Reading
from app.graphql.types.inputs import input_of
from app.problems import Problem
from app.reads.database import ReadsUnavailableError
from app.reads.lists import Kind
from projections.subjects import is_order, is_shipment

# Of one operation: for each set of values of what decides about including and skipping.
PLANS_MAX = 8
_ENCODER = msgspec.json.Encoder()


class Compiled:
    """An operation of a document, with its plans."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._document = document
        self._operation = operation
        self._conditions = conditions_of(document)
        self._declared = operation.variable_definitions or ()
        self._quick = QuickVariables.of(operation)
        self._plans: dict[tuple[bool, ...], Plan | None] = {}

    async def answer(self, reading: Reading, variables: dict[str, Any]) -> bytes:
        """The whole answer as JSON. Raises Declined when the standard executor is to answer."""
        given = self._coerced(variables)
        plan = self._plan(tuple(given.coerced.get(one) is True for one in self._conditions))
        if plan is None or not reading.may_see(plan.scopes, plan.sections):
            raise Declined
        try:
            sources = await _sources(plan, reading, given)
            data = _made(plan, sources, reading)
            while await reading.fetch_missing():
                data = _made(plan, sources, reading)
        except (
            KeyError,
            AttributeError,
            msgspec.MsgspecError,
            TypeError,
            GraphQLError,
            Problem,
            ReadsUnavailableError,
        ) as error:
            # What is refused, or not as the schema says, is the standard executor's to put in words.
            raise Declined from error
        return b'{"data":%b}' % _ENCODER.encode(data)

    def _coerced(self, variables: dict[str, Any]) -> VariableValues:
        if self._quick is not None and (quick := self._quick.coerced(variables)) is not None:
            return quick
        given = get_variable_values(self._schema, self._declared, variables)
        if isinstance(given, list):
            raise Declined
        return given

    def _plan(self, conditions: tuple[bool, ...]) -> Plan | None:
        if conditions not in self._plans:
            if len(self._plans) >= PLANS_MAX:
                raise Declined
            self._plans[conditions] = self._planned(conditions)
        return self._plans[conditions]

    def _planned(self, conditions: tuple[bool, ...]) -> Plan | None:
        given = dict(zip(self._conditions, conditions, strict=True))
        try:
            return plan_of(self._schema, self._document, self._operation, given)
        except Declined:
            return None


async def _sources(plan: Plan, reading: Reading, given: VariableValues) -> list[Any]:
    """What each field of the root is made from, all read at once."""
    started: list[Any] = []
    try:
        started.extend(_started(one, reading, one.arguments(given)) for one in plan.roots)
    except Declined:
        for begun in started:
            if inspect.iscoroutine(begun):
                begun.close()
        raise
    waiting = [one for one in started if isawaitable(one)]
    if not waiting:
        return started
    # One needs no task of its own.
    found = iter([await waiting[0]] if len(waiting) == 1 else await asyncio.gather(*waiting))
    return [next(found) if isawaitable(one) else one for one in started]


def _started(root: Root, reading: Reading, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a source, or one to wait for
    if root.reads == "node":
        if not (is_shipment(arguments["id"]) or is_order(arguments["id"])):
            raise Declined
        return reading.node(arguments["id"])
    kind: Kind = "shipment" if root.subject == "shipment" else "order"
    if root.reads == "document":
        return reading.document(kind, arguments["id"])
    whole, counted = root.asked
    wanted = Wanted(
        kind=kind,
        first=arguments["first"],
        after=arguments.get("after"),
        filter=input_of(f"{kind.title()}Filter", arguments.get("filter")),
        order_by=input_of("ListOrder", arguments.get("orderBy")),
        whole=whole,
        counted=counted,
        line=root.line,
    )
    return Listing.read(reading, wanted)


def _made(plan: Plan, sources: list[Any], reading: Reading) -> dict[str, Any]:
    """The data, so far as its documents are at hand."""
    made: dict[str, Any] = dict.fromkeys(plan.order)
    made.update(plan.constants)
    for root, source in zip(plan.roots, sources, strict=True):
        if source is not None:
            make = next(iter(root.made.values())) if len(root.made) == 1 else root.made[_type_of(source)]
            made[root.key] = make(source, reading.document_at_hand)
    return made


def _type_of(source: Mapping[str, Any]) -> str:
    return "Shipment" if is_shipment(source["id"]) else "Order"
