"""Subscriptions: each change once, in order, of one's own accounts alone, and from any cursor on."""

from tests.api import ladder
from tests.api.graphql_asking import ask, codes, shown
from tests.fixtures_service import READ, Service
from tests.messages import eta_changed, exception_cleared, exception_raised, milestone, order_released, shipment_planned
from tests.streaming import greeted, listening, streamed, subscribed

SHIPMENTS = """subscription ($after: String, $ids: [ID!]) {
  shipmentChanged(after: $after, ids: $ids) { cursor tenant sequence shipmentId status shipment { id status phase } } }"""
ORDERS = "subscription ($after: String) { orderChanged(after: $after) { cursor sequence orderId order { number } } }"
EXCEPTIONS = """subscription ($after: String, $codes: [ReasonCode!]) {
  exceptionRaised(after: $after, codes: $codes) { cursor shipmentId codes shipment { status } } }"""
CHANGES = """query ($after: String, $first: Int = 50) { changes(after: $after, first: $first) {
  nodes { cursor tenant sequence id status exceptionsRaised node { id } }
  pageInfo { hasNextPage endCursor } headCursor } }"""
THEIRS = {"tenant": "suedwind"}


async def test_a_change_is_told_with_the_document_it_led_to(service: Service):
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await service.take(order_released(), shipment_planned())
        told = (await socket.result())["shipmentChanged"]
        assert (told["tenant"], told["shipmentId"], told["status"]) == ("nordwind", ladder.SHIPMENT, "PLANNED")
        assert told["shipment"] == {"id": ladder.SHIPMENT, "status": "PLANNED", "phase": "PLANNED"}


async def test_a_subscription_goes_on_from_its_cursor_with_nothing_left_out_or_told_twice(service: Service):
    await service.take(order_released(), shipment_planned())
    start = (await shown(service, CHANGES))["changes"]["headCursor"]
    for hours in range(5):
        await service.take(eta_changed(50 + hours, hours=hours))
    sequences = []
    for _ in range(5):
        async with greeted(service) as socket:
            await socket.subscribe(SHIPMENTS, after=start)
            told = (await socket.result())["shipmentChanged"]
            sequences.append(told["sequence"])
            start = told["cursor"]
    page = (await shown(service, CHANGES))["changes"]["nodes"]
    assert sequences == [one["sequence"] for one in page if one["id"] == ladder.SHIPMENT][-5:]


async def test_only_what_was_asked_for_is_told(service: Service):
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS, ids=[ladder.OTHER_SHIPMENT, "nonsense"])
        await socket.subscribe(ORDERS, "2")
        await listening(service, 2)
        await service.take(order_released(), shipment_planned())
        message = await socket.heard()
        assert (message["id"], message["payload"]["data"]["orderChanged"]["order"]) == ("2", {"number": "SO-1"})


async def test_a_problem_is_told_when_it_arises_and_once(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(hours=1))
    async with greeted(service) as socket:
        await subscribed(service, socket, EXCEPTIONS)
        await service.take(exception_raised(hours=2))
        await service.take(milestone(code="arrived", hours=3))
        await service.take(exception_cleared(hours=4))
        await service.take(exception_raised(code="customs_hold", hours=5))
        first, second = [(await socket.result())["exceptionRaised"] for _ in range(2)]
        assert (first["codes"], second["codes"]) == (["WEATHER"], ["CUSTOMS_HOLD"])
        assert second["shipment"]["status"] == "DELAYED"
    # Again from the cursor between them, and only those asked for.
    async with greeted(service) as socket:
        await socket.subscribe(EXCEPTIONS, after=first["cursor"], codes=["CUSTOMS_HOLD"])
        assert (await socket.result())["exceptionRaised"] == second


async def test_no_change_of_another_tenant_is_ever_told(service: Service):
    async with greeted(service) as socket:
        for number, query in enumerate((SHIPMENTS, ORDERS, EXCEPTIONS)):
            await socket.subscribe(query, str(number))
        await listening(service, 3)
        theirs = (shipment_planned("S-9", "SO-9", **THEIRS), milestone("S-9", hours=1))
        await service.take(order_released("SO-9", **THEIRS), *theirs, exception_raised("S-9", hours=2))
        await service.take(order_released(), shipment_planned(), milestone(hours=1), exception_raised(hours=2))
        told = [await socket.heard() for _ in range(3)]
        assert sorted(one["id"] for one in told) == ["0", "1", "2"]
        for canary in ("S-9", "SO-9", "suedwind", ladder.OTHER_SHIPMENT, ladder.OTHER_ORDER):
            assert canary not in str(told)
    page = await shown(service, CHANGES)
    assert {one["tenant"] for one in page["changes"]["nodes"]} == {"nordwind"}


async def test_several_accounts_are_one_feed_with_each_in_order(service: Service):
    both = {"accounts": ("nordwind", "suedwind")}
    async with greeted(service, **both) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await service.take(shipment_planned(), shipment_planned("S-9", "SO-9", **THEIRS))
        told = [(await socket.result())["shipmentChanged"] for _ in range(2)]
        assert {one["tenant"] for one in told} == {"nordwind", "suedwind"}
    async with greeted(service, **both) as socket:
        await socket.subscribe(SHIPMENTS, after=told[0]["cursor"])
        assert (await socket.result())["shipmentChanged"] == told[1]


async def test_a_cursor_of_others_or_of_nobody_is_refused(service: Service):
    await service.take(order_released("SO-9", **THEIRS))
    theirs = (await shown(service, CHANGES, "suedwind"))["changes"]["headCursor"]
    async with greeted(service) as socket:
        for cursor in (theirs, "", "AAAA", "ö", "A" * 10_000):
            await socket.subscribe(SHIPMENTS, after=cursor)
            refused = await socket.heard()
            assert refused["type"] == "error", cursor
            assert codes({"errors": refused["payload"]}) == ["BROKEN_CURSOR"]
            assert codes(await ask(service, CHANGES, after=cursor)) == ["BROKEN_CURSOR"]


async def test_each_subscription_takes_its_scope(service: Service):
    for query, scope in ((SHIPMENTS, "shipments:read"), (ORDERS, "orders:read"), (EXCEPTIONS, "shipments:read")):
        async with greeted(service, scopes=tuple(one for one in (*READ, "cards:read") if one != scope)) as socket:
            await socket.subscribe(query)
            refused = await socket.heard()
            assert (refused["type"], codes({"errors": refused["payload"]})) == ("error", ["FORBIDDEN"])
            assert refused["payload"][0]["extensions"]["scope"] == scope


async def test_pages_of_changes_have_no_gaps_and_show_what_the_scopes_allow(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(hours=1))
    await service.take(exception_raised(hours=2))
    seen, cursor, more = [], None, True
    while more:
        page = (await shown(service, CHANGES, after=cursor, first=1))["changes"]
        seen += page["nodes"]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert [one["sequence"] for one in seen] == list(range(1, len(seen) + 1))
    assert {one["node"]["id"] for one in seen} == {ladder.SHIPMENT, ladder.ORDER}
    assert [one["exceptionsRaised"] for one in seen if one["exceptionsRaised"]] == [["WEATHER"]]
    assert cursor == page["headCursor"]
    orders = (await shown(service, CHANGES, scopes=("orders:read",)))["changes"]
    assert {one["id"] for one in orders["nodes"]} == {ladder.ORDER}
    assert codes(await ask(service, CHANGES, scopes=("documents:read",))) == ["FORBIDDEN"]


async def test_a_subscription_is_not_answered_in_one_piece(service: Service):
    told = await ask(service, SHIPMENTS)
    assert codes(told) == ["SUBSCRIPTION_NOT_STREAMED"]


async def test_changes_come_as_server_sent_events_too(service: Service):
    headers = await service.headers()
    async with streamed(service, SHIPMENTS, headers) as stream:
        await listening(service)
        await service.take(order_released(), shipment_planned())
        kind, told = await stream.event()
        assert (stream.status, kind) == (200, "next")
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert told["data"]["shipmentChanged"]["shipmentId"] == ladder.SHIPMENT
    async with streamed(service, "{ viewer { tenant } }", headers) as stream:
        assert await stream.event() == ("next", {"data": {"viewer": {"tenant": "nordwind"}}})
        assert await stream.event() == ("complete", None)
        assert await stream.event() is None


async def test_what_an_event_stream_refuses_it_says(service: Service):
    async with streamed(service, SHIPMENTS) as stream:
        _, problem = await stream.event()
        assert (stream.status, problem["code"]) == (401, "missing_token")
    for query, code in (("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), (SHIPMENTS, "FORBIDDEN")):
        async with streamed(service, query, await service.headers(scopes=("orders:read",))) as stream:
            kind, told = await stream.event()
            assert (kind, codes(told)) == ("next", [code])
            assert await stream.event() == ("complete", None)
