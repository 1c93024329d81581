"""Links that a tenant gives away open to anybody, by design: what they show must be that tenant's alone."""

from app.isolation.drivers import Driven
from app.isolation.exchange import Request
from app.isolation.findings import Leak
from app.isolation.knowledge import Knowledge
from app.isolation.stage import Stage

_TOKEN = "{token}"  # noqa: S105 - a place in a path


async def check_links(stage: Stage) -> None:
    """Open each tenant's links as nobody in particular."""
    for operation in stage.operations:
        if operation.audience == "everybody" and _TOKEN in operation.name:
            for known in stage.known.values():
                await _open(stage, operation, known)


async def _open(stage: Stage, operation: Driven, known: Knowledge) -> None:
    method, _, path = operation.name.partition(" ")
    shows = False
    for token in known.link_tokens:
        request = Request(method, path.replace(_TOKEN, token))
        answer = await stage.exchange.send(request)
        stage.findings.probes[operation.id] += 1
        shows = shows or (answer.is_good and bool(stage.search.of(answer.text(), known.tenant)))
        for found in stage.search.of_others(answer.text(), known.tenant, b""):
            stage.findings.leak(
                Leak(
                    operation=operation.id,
                    kind=found.kind,
                    victim=found.tenant,
                    shown_to=f"who has a link of {known.tenant}",
                    what=f"{found.field}: {found.value}",
                    request=f"{method} {path}",
                    status=answer.status,
                )
            )
    if not shows:
        stage.findings.cannot_drive(operation.name, f"no link of {known.tenant} shows what was planted for it")
