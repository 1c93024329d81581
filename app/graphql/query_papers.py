"""What can be asked of documents, invoices and exceptions: how fields of the root find them."""

from typing import Annotated, Any

import strawberry

from app.graphql import paging
from app.graphql.arguments import After, First, Id
from app.graphql.types.fields import Info
from app.graphql.types.inputs import Direction, ExceptionFilter, InvoiceFilter, checked
from app.rest.exceptions import ExceptionsQuery
from app.rest.money.operations import InvoiceListQuery


async def document(info: Info, id: Id) -> Any:  # noqa: A002, ANN401 - the argument's name; the source of a Document
    return await info.context.papers.document(id)


async def invoice(info: Info, id: Id) -> Any:  # noqa: A002, ANN401 - the argument's name; the source of an Invoice
    return await info.context.papers.invoice(id)


async def invoices(
    info: Info,
    first: First = 50,
    after: After = None,
    filter: Annotated[InvoiceFilter | None, strawberry.argument(description="Which of them.")] = None,  # noqa: A002 - the argument's name
    direction: Annotated[Direction, strawberry.argument(description="By when they were posted.")] = Direction.DESC,
) -> Any:  # noqa: ANN401 - the source of a Connection
    filters = checked(filter, InvoiceListQuery).filters()
    newest_first = direction is Direction.DESC
    return await paging.invoices(info.context, filters, newest_first=newest_first, first=first, after=after)


async def exceptions(
    info: Info,
    first: First = 50,
    after: After = None,
    filter: Annotated[ExceptionFilter | None, strawberry.argument(description="Which of them.")] = None,  # noqa: A002 - the argument's name
) -> Any:  # noqa: ANN401 - the source of a Connection
    wanted = checked(filter, ExceptionsQuery).wanted()
    return await paging.exceptions(info.context, wanted, first=first, after=after)
