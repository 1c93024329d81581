"""Operations whose answers come one after another, whichever way they travel (read this one)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

import msgspec
from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute,
    located_error,
)

from app.edge import Scope
from app.graphql.documents import InvalidDocumentError, Prepared
from app.graphql.measuring import DOCUMENTS_A_POINT
from app.graphql.reading import Reading, Reads
from app.graphql.refusals import formatted
from app.graphql.requests import Asked
from app.graphql.schema import CORE
from app.languages import language_of
from app.live.bearer import RESTARTING, STOPPING, Bearer, LiveEndedError
from app.live.feed import FeedClosedError, SlowConsumerError
from app.refusals import problem_of
from app.surcharge import Surcharge

Prepare = Callable[[Asked], Awaitable[Prepared]]


class Streams:
    """Answers operations as streams of encoded results. A query is one with a single result."""

    def __init__(self, reads: Reads, prepare: Prepare, surcharge: Surcharge) -> None:
        self.feed = reads.feed
        self._reads = reads
        self._prepare = prepare
        self._surcharge = surcharge

    async def results(self, asked: Asked, bearer: Bearer, scope: Scope, *, counted: int) -> AsyncGenerator[bytes, None]:
        """Each result as it comes; `counted` points of its cost were counted before.

        Raises InvalidDocumentError or a problem before the first; LiveEndedError when we end it.
        """
        prepared = await self._prepare(asked)
        operation, variables = prepared.operation(asked.operation_name), asked.variables or {}
        points = -(-prepared.cost(operation, variables) // DOCUMENTS_A_POINT) - counted
        if points > 0:
            await self._surcharge(scope, bearer.principal, points + 1)
        if operation.operation is not OperationType.SUBSCRIPTION:
            yield body_of(await self._executed(prepared, asked, None, self._reading(bearer, scope)), scope)
            return
        source = await self._source(prepared, asked, self._reading(bearer, scope))
        try:
            async for event in source:
                # A reading of its own for each event: what was read for the one before may be older.
                yield body_of(await self._executed(prepared, asked, event, self._reading(bearer, scope)), scope)
        except FeedClosedError:
            raise LiveEndedError(RESTARTING, STOPPING) from None
        except SlowConsumerError:
            words = "Slow consumer: too far behind what changes. Go on from your last cursor."
            raise LiveEndedError("SLOW_CONSUMER", words) from None
        except Exception as error:
            # What a subscription is refused with, as resolvers refuse.
            raise InvalidDocumentError([_located(error, operation)], "INTERNAL") from error
        finally:
            await source.aclose()

    def _reading(self, bearer: Bearer, scope: Scope) -> Reading:
        return Reading(self._reads, bearer.principal, language_of(scope))

    async def _source(self, prepared: Prepared, asked: Asked, reading: Reading) -> Any:  # noqa: ANN401 - an async generator
        built = Executor.build(
            CORE,
            prepared.document,
            context_value=reading,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
            hide_suggestions=True,
        )
        if isinstance(built, list):
            raise InvalidDocumentError(built, "BAD_USER_INPUT")
        found = create_source_event_stream(built)
        source = await found if isawaitable(found) else found
        if isinstance(source, ExecutionResult):
            raise InvalidDocumentError(source.errors or [], "BAD_USER_INPUT")
        return source

    async def _executed(self, prepared: Prepared, asked: Asked, event: object, reading: Reading) -> ExecutionResult:
        result = execute(
            CORE,
            prepared.document,
            root_value=event,
            context_value=reading,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            hide_suggestions=True,
        )
        return await result if isawaitable(result) else result


def _located(error: Exception, operation: OperationDefinitionNode) -> GraphQLError:
    (field,) = operation.selection_set.selections
    return located_error(error, [field], [field.name.value] if isinstance(field, FieldNode) else None)


def body_of(result: ExecutionResult, scope: Mapping[str, Any]) -> bytes:
    """A result as it is sent."""
    errors = [formatted(error, scope, "BAD_USER_INPUT") for error in result.errors or ()]
    return msgspec.json.encode(({"errors": errors} if errors else {}) | {"data": result.data})


def refusals_of(error: Exception, scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an operation is refused, or ended, with."""
    if isinstance(error, InvalidDocumentError):
        return [formatted(one, scope, error.code) for one in error.errors]
    if isinstance(error, LiveEndedError):
        return [formatted(GraphQLError(str(error), extensions={"code": error.code}), scope)]
    problem = problem_of(error, scope)
    told = {"code": problem.code.upper(), "trace_id": scope["portal.trace_id"]}
    return [{"message": problem.detail, "extensions": told}]
