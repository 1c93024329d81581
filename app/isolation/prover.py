"""The proof: plant, see that owners see it, then look at everything that anybody else is answered (read this one)."""

from collections.abc import Callable

from app.isolation.attack import Attack
from app.isolation.counts import Counts
from app.isolation.drivers import DRIVERS
from app.isolation.exchange import Exchange
from app.isolation.findings import Findings
from app.isolation.graphql import graphql
from app.isolation.links import check_links
from app.isolation.owners import Owners
from app.isolation.parties import Parties
from app.isolation.planting import Planter
from app.isolation.selfcheck import check_search
from app.isolation.stage import Stage
from app.isolation.story import Names, Storyteller

# Told of each step: its words, and how many parts it has; the callable it returns is called after each part.
Progress = Callable[[str, int], Callable[[], None]]


async def prove(exchange: Exchange, parties: Parties, progress: Progress, sdl: str) -> Findings:
    """One run against one deployment, whose GraphQL schema is `sdl`: it need not tell it itself. Raises NotSeenError when nothing can be proved.

    What was planted is taken back in the end: the orders and shipments are then in no view any more,
    their events stay in the log.
    """
    operations = [one for driver in (*DRIVERS, graphql(sdl)) for one in await driver(exchange)]
    stage = Stage(exchange, parties, operations)
    teller = Storyteller(stage.canaries)
    planter = Planter(stage, teller)
    try:
        await _prove(stage, teller, planter, progress)
    finally:
        done = progress("Taking back what was planted", 1)
        await planter.take_back()
        done()
    return stage.findings


async def _prove(stage: Stage, teller: Storyteller, planter: Planter, progress: Progress) -> None:
    done = progress("Planting canaries", 1)
    names = await _plant(stage, teller, planter)
    done()
    done = progress("Owners look at their own", 1)
    owners = Owners(stage)
    await owners.look()
    check_search(stage, owners)
    await check_links(stage)
    done()
    done = progress("Counting under shared words", 1)
    await Counts(stage, planter, teller).run(names)
    done()
    attackers = len(stage.parties.everybody) - 1
    advance = progress("Asking for what is another's", attackers * len(stage.tenants) * len(stage.operations))
    await Attack(stage).run(advance)
    await owners.remove()


async def _plant(stage: Stage, teller: Storyteller, planter: Planter) -> list[Names]:
    """Every type of event for every tenant, and one load that carries all of them."""
    names = [teller.names(tenant) for tenant in stage.tenants]
    for one in names:
        events = [*teller.everything(one), *teller.delivered(one), *teller.troubled(one)]
        stage.known[one.tenant].plant(events)
        await planter.plant(events)
    await planter.plant(teller.shared_load(names))
    await planter.until_all_see(names)
    for one in names:
        await planter.bring_bytes(one.tenant, stage.known[one.tenant].events)
    stage.findings.planted = stage.canaries.planted
    return names
