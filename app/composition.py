"""What is served: from services to the one application. With `app.services`, the only place that wires things together."""

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from app.edge import AsgiApp, Edge, RequestIds
from app.edge_policy import policy_of
from app.graphql.documents import Preparing
from app.graphql.endpoint import GraphQL
from app.graphql.reading import Reads
from app.graphql.schema import CORE
from app.graphql.sockets import Admission
from app.limits import Costs, Limits
from app.reads.lists import Kind
from app.refusals import exception_handlers
from app.rest.cards.serving import Cards
from app.rest.cards.tokens import card_token_handler
from app.rest.docs import docs_handlers
from app.rest.documents.reading import document_handlers
from app.rest.documents.taking import content_taker
from app.rest.events import events_handler
from app.rest.exceptions import exceptions_handler
from app.rest.health import health_handlers
from app.rest.hot import Documents, HotReads
from app.rest.lists import ListEndpoint
from app.rest.lookup import LookupEndpoint
from app.rest.metrics import metrics_handler
from app.rest.minimum import AtLeast, Minimum
from app.rest.money.handlers import Counter, charges_handler, invoice_handlers
from app.rest.operations import OPERATIONS
from app.rest.ops import ops_handlers
from app.rest.ops.sources import ops_sources_handler
from app.rest.past import PastReads
from app.rest.promises import performance_handler, promises_handler
from app.rest.provenance import provenance_handler
from app.rest.repeats import QUESTIONS_MAX, DocumentAnswers, Questions, RepeatedReads
from app.rest.shares.managing import share_handlers
from app.rest.shares.tracking import Tracking
from app.rest.sources import source_messages_handler
from app.services import Services
from app.settings import OFF, Settings
from app.surcharge import Surcharge
from auth.issuer.routes import issuer_router
from auth.limits.failures import Failures
from projections.references import SubjectKind


def build(services: Services) -> Litestar:
    """Everything but documents."""
    access, settings = services.access, services.settings
    handlers: list[ControllerRouterHandler] = [
        *LookupEndpoint(access, services.lookup, services.path, services.clock, services.journal).handlers(),
        provenance_handler(access, services.past, services.clock, services.journal),
        promises_handler(access, services.path, services.promises, services.clock, services.journal),
        performance_handler(access, services.promises, services.clock),
        exceptions_handler(access, services.exceptions, services.clock, services.journal),
        card_token_handler(access, services.path, services.issuer),
        *share_handlers(access, services.shares, services.path, settings.public_url),
        _tracking(services).handler(),
        *document_handlers(services.desk, services.link_key, settings.public_url),
        content_taker(access, services.contents, settings.max_document_bytes),
        *_money_handlers(services),
        events_handler(access, services.intake, services.once, settings.max_batch_bytes),
        source_messages_handler(services.senders, services.intake, services.once, settings.max_batch_bytes),
        *ops_handlers(access, services.ops),
        ops_sources_handler(access, services.register),
        metrics_handler(access, services.gauges),
        *health_handlers(services.watch, services.clock, settings.stalled_seconds),
        *docs_handlers(settings.public_url),
        *([issuer_router(services.issuer, proxies=settings.proxies)] if services.issuer else []),
    ]
    return Litestar(handlers, openapi_config=None, exception_handlers=exception_handlers(), logging_config=None)


def _money_handlers(services: Services) -> list[HTTPRouteHandler]:
    counter = Counter(services.access, services.journal)
    charges = (charges_handler(counter, services.path, kind) for kind in (SubjectKind.SHIPMENT, SubjectKind.ORDER))
    return [*invoice_handlers(counter, services.invoices, services.clock), *charges]


def served(services: Services) -> AsgiApp:
    """The whole application: what is read again, then edge, limits, documents, cards, GraphQL, everything else."""
    rest: AsgiApp = build(services)  # type: ignore[assignment]  # Litestar names its ASGI types more narrowly
    settings, minimum = services.settings, Minimum(services.positions)
    policy, ids = policy_of(settings), RequestIds()
    questions = Questions(min(settings.memory_documents, QUESTIONS_MAX) or QUESTIONS_MAX)
    answers = DocumentAnswers(services.path, questions, services.journal)
    failures = _failures(settings)
    cards = Cards(_graphql(rest, services, failures), services.access, services.path, answers)
    reads = {
        "shipments": _reads("shipment", services, answers, minimum),
        "orders": _reads("order", services, answers, minimum),
    }
    limits = Limits(
        Documents(AtLeast(cards, minimum), reads, minimum),
        services.verifier,
        limiter=services.limiter,
        failures=failures,
        costs=Costs(OPERATIONS),
        proxies=settings.proxies,
    )
    return RepeatedReads(
        Edge(limits, policy, ids),
        questions,
        ids=ids,
        policy=policy,
        limits=limits,
        path=services.path,
        journal=services.journal,
    )


def _failures(settings: Settings) -> Failures | None:
    return None if settings.failure_limit == OFF else Failures(settings.failure_limit)


def _tracking(services: Services) -> Tracking:
    settings = services.settings
    return Tracking(
        services.shares,
        services.path,
        services.clock,
        services.journal,
        openings=_failures(settings),
        proxies=settings.proxies,
    )


def _graphql(app: AsgiApp, services: Services, failures: Failures | None) -> GraphQL:
    settings = services.settings
    return GraphQL(
        app,
        access=services.access,
        reads=Reads(
            path=services.path,
            lists=services.lists,
            lookup=services.lookup,
            documents=services.desk.documents,
            invoices=services.invoices,
            exceptions=services.exceptions,
            changes=services.changes,
            feed=services.feed,
            clock=services.clock,
            journal=services.journal,
            public_url=settings.public_url,
        ),
        preparing=Preparing(CORE, introspection=settings.graphql_introspection),
        persisted=services.persisted,
        surcharge=Surcharge(services.limiter),
        admission=_admission(settings, failures),
    )


def _admission(settings: Settings, failures: Failures | None) -> Admission:
    # What is no browser says no origin.
    origins = frozenset({b"", settings.public_url.encode(), *policy_of(settings).origins})
    return Admission(origins, failures, settings.proxies)


def _reads(kind: Kind, services: Services, answers: DocumentAnswers, minimum: Minimum) -> HotReads:
    listed = ListEndpoint(kind, services.access, services.lists, services.clock, services.journal)
    past = PastReads(services.past, services.path, services.journal, Surcharge(services.limiter))
    return HotReads(kind, services.access, services.path, listed, answers, past, minimum)
