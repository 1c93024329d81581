"""Documents as clients send them, read and checked once however often they are asked, and known by their hash."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from app.graphql.measuring import TOKENS_MAX, Measure, refuse_shape
from app.graphql.refusals import refuse

KEPT: Final = 1_000
ERRORS_MAX: Final = 10
# Real documents have a tenth of this even with a whole page of fields. It is paid for by everybody this worker serves.
TEXT_BYTES_MAX: Final = 32_768
# Fields of one name are held against each other, each with each: the usual budget takes a worker a second of its loop.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 25_000

V = TypeVar("V")


class Kept(Generic[V]):
    """So many values by key; the one not asked for the longest goes first."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._values: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> V | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: str, value: V) -> None:
        self._values[key] = value
        if len(self._values) > self._limit:
            self._values.popitem(last=False)


class InvalidDocumentError(Exception):
    """A document that is refused, with what is wrong with it, and the code for what GraphQL itself says."""

    def __init__(self, errors: list[GraphQLError], code: str) -> None:
        super().__init__(code)
        self.errors = errors
        self.code = code


class Prepared:
    """A valid document, ready to be executed any number of times."""

    def __init__(self, text: str, document: DocumentNode, measure: Measure) -> None:
        self.text = text
        self.document = document
        self._measure = measure

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of this name, or the only one."""
        found = get_operation_ast(self.document, name)
        if found is None:
            words = (
                f"The document has no operation {name}." if name else "The document has several operations: name one."
            )
            raise InvalidDocumentError([refuse("OPERATION_RESOLUTION_FAILURE", words)], "OPERATION_RESOLUTION_FAILURE")
        return found

    def cost(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        try:
            return self._measure.cost(operation, variables)
        except GraphQLError as error:
            raise InvalidDocumentError([error], "TOO_COSTLY") from None


class Preparing:
    """Reads and checks documents; valid ones are kept."""

    def __init__(self, schema: GraphQLSchema, *, introspection: bool) -> None:
        self._schema = schema
        self._introspection = introspection
        self._prepared: Kept[Prepared] = Kept()

    def prepared(self, text: str) -> Prepared:
        """The document, ready. Raises InvalidDocumentError."""
        known = self._prepared.get(text)
        if known is None:
            if len(text) > TEXT_BYTES_MAX:
                words = f"The document has more than {TEXT_BYTES_MAX} characters."
                raise InvalidDocumentError([refuse("TOO_MANY_TOKENS", words)], "TOO_MANY_TOKENS")
            known = self._prepare(text)
            self._prepared.put(text, known)
        return known

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=TOKENS_MAX, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            code = "TOO_MANY_TOKENS" if "tokens" in error.message else "GRAPHQL_PARSE_FAILED"
            raise InvalidDocumentError([error], code) from None
        try:
            refuse_shape(document, introspection=self._introspection)
            errors = validate(
                self._schema,
                document,
                max_errors=ERRORS_MAX,
                hide_suggestions=not self._introspection,
                allow_empty_selection_sets=False,
            )
            if errors:
                raise InvalidDocumentError(errors, "GRAPHQL_VALIDATION_FAILED")
            measure = Measure(self._schema, document)
            measure.refuse_depth()
        except GraphQLError as error:
            raise InvalidDocumentError([error], "GRAPHQL_VALIDATION_FAILED") from None
        return Prepared(text, document, measure)


def hash_of(text: str) -> str:
    """What a document goes by: SHA-256 in hex, as clients of persisted documents make it."""
    return hashlib.sha256(text.encode()).hexdigest()
