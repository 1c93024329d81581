"""Documents in Redis: newer over older, and never an older one than was served before."""

import msgspec

from projections.cache import (
    PUBLISHED,
    PUSHED,
    PUSHED_FIELD,
    PUT_SCRIPT,
    Document,
    Published,
    Publisher,
    document_key,
    pack,
    unpack,
)
from projections.intake.outcomes import Message
from projections.redis import UNAVAILABLE, open_redis
from projections.references import SubjectKind, public_id
from projections.subjects import partition_of
from tests.fixtures_service import running
from tests.integration.waiting import until
from tests.messages import milestone, order_released, retracted, shipment_planned, tms_shipment

TENANT = "nordwind"
SHIPMENT = public_id(SubjectKind.SHIPMENT, TENANT, "S-1")


async def take(intake, *bodies):
    await intake.take([Message(body, "test") for body in bodies])


async def published(redis):
    text = await redis.hget(PUBLISHED, str(partition_of(TENANT)))
    return Published.parse(text) if text else None


async def cached(redis, epoch=None):
    known = await published(redis)
    packed = await redis.get(document_key(TENANT, epoch or known.epoch, SHIPMENT))
    return unpack(packed) if packed else None


async def stored(superuser):
    return await superuser.fetchrow("select version, document from portal.shipment_view where id = $1", SHIPMENT)


async def test_what_is_stored_is_published_with_its_version(intake, projector, superuser, redis):
    one, versions = projector(), []
    for hours, code in enumerate(("picked_up", "departed", "delivered")):
        await take(intake, shipment_planned(), milestone(code=code, hours=hours))
        await one.catch_up()
        row, document = await stored(superuser), await cached(redis)
        assert (document.version, document.document) == (row["version"], row["document"])
        assert (await published(redis)).position == row["version"]
        versions.append(row["version"])
    told = [msgspec.msgpack.decode(fields[PUSHED_FIELD]) for _, fields in await redis.xrange(PUSHED)]
    assert [version for rows in told for _, subject_id, version in rows if subject_id == SHIPMENT] == versions


async def test_an_older_document_never_replaces_a_newer_one(intake, projector, redis):
    await take(intake, shipment_planned(), milestone())
    await projector().catch_up()
    newer = await cached(redis)
    key = document_key(TENANT, (await published(redis)).epoch, SHIPMENT)
    for version in (newer.version - 1, newer.version):
        await redis.eval(PUT_SCRIPT, 1, key, 60, pack(Document(version, b"old", b"", b"", b"", b"old")))
        assert await cached(redis) == newer


async def test_a_view_that_is_gone_is_published_as_nothing_to_show(intake, projector, redis):
    await take(intake, shipment_planned(id="wrong"))
    await projector().catch_up()
    await take(intake, retracted("wrong", tms_shipment()))
    await projector().catch_up()
    assert (await cached(redis)).document == b""


async def test_a_restart_goes_on_in_the_epoch_that_is_complete(intake, projector, redis):
    await take(intake, shipment_planned())
    await projector().catch_up()
    before = await published(redis)
    await take(intake, milestone())
    await projector().catch_up()
    after = await published(redis)
    assert (after.epoch, after.position) == (before.epoch, 2)


async def test_a_restart_starts_a_new_epoch_when_redis_is_behind_the_store(intake, projector, redis):
    await take(intake, shipment_planned())
    await projector().catch_up()
    before = await published(redis)
    # As after a crash between the commit and its publication.
    await redis.hset(PUBLISHED, str(partition_of(TENANT)), f"{before.token} {before.epoch} 0 1.0")
    await projector().catch_up()
    await take(intake, milestone())
    await projector().catch_up()
    assert (await published(redis)).epoch != before.epoch
    assert (await cached(redis, before.epoch)).version == 1
    assert (await cached(redis)).version == 2


async def test_a_flush_starts_a_new_epoch_so_that_no_old_document_can_come_back(intake, projector, redis):
    one = projector()
    await take(intake, shipment_planned(), milestone())
    await one.catch_up()
    before, old = await published(redis), await cached(redis)
    await redis.flushall()
    # A reader who fetched the document before the flush puts it in after it, while a newer one is on its way.
    await redis.set(document_key(TENANT, before.epoch, SHIPMENT), pack(old))
    await take(intake, milestone(code="delivered", hours=5))
    await one.catch_up()
    assert (await published(redis)).epoch != before.epoch
    assert (await cached(redis)).version == 3


async def test_redis_with_older_contents_than_were_published_starts_a_new_epoch(intake, projector, redis):
    one = projector()
    await take(intake, shipment_planned())
    await one.catch_up()
    earlier = await redis.hgetall(PUBLISHED)
    epoch = (await published(redis)).epoch
    await take(intake, milestone())
    await one.catch_up()
    # As after a failover to a replica that had not heard of the latest.
    await redis.hset(PUBLISHED, mapping=earlier)
    await take(intake, milestone(code="delivered", hours=5))
    await one.catch_up()
    assert (await published(redis)).epoch != epoch
    assert (await cached(redis)).version == 3


async def test_a_fenced_publisher_does_not_say_how_far_a_partition_is(intake, projector, redis):
    await take(intake, shipment_planned())
    await projector().catch_up()
    newer = "99 other 7 1.0"
    await redis.hset(PUBLISHED, str(partition_of(TENANT)), newer)
    await take(intake, milestone())
    await projector().catch_up()
    assert (await redis.hget(PUBLISHED, str(partition_of(TENANT)))).decode() == newer


async def test_views_are_folded_while_redis_is_away_and_published_anew_when_it_is_back(
    intake, projector, superuser, own_valkey
):
    redis = open_redis(own_valkey.url)
    one = projector(publisher=Publisher(redis))
    await take(intake, order_released(), shipment_planned())
    await one.catch_up()
    before = await published(redis)
    await own_valkey.stop()
    await take(intake, milestone())
    await one.catch_up()
    assert (await stored(superuser))["version"] == 3
    await own_valkey.start()

    async def answers():
        try:
            return await redis.ping()
        except UNAVAILABLE:
            return False

    await until(answers)
    await take(intake, milestone(code="delivered", hours=5))
    await one.catch_up()
    assert (await published(redis)).epoch != before.epoch
    assert (await cached(redis)).version == (await stored(superuser))["version"] == 4
    await redis.aclose()


async def test_what_another_release_has_laid_out_otherwise_is_not_taken_for_ours(service, redis):
    """Before shipments could be at risk, a document's header was a number shorter."""
    await service.take(order_released(), shipment_planned())
    right = (await service.get(f"/v1/shipments/{SHIPMENT}")).json()
    told = await redis.hgetall(PUBLISHED)
    key = document_key(TENANT, (await published(redis)).epoch, SHIPMENT)
    packed = await redis.get(key)
    await redis.flushdb()
    await redis.hset("portal:published", mapping=told)
    await redis.set(key, packed[:36] + packed[44:])
    settings = msgspec.structs.replace(service.settings, memory_documents=0)
    async with running(settings, redis, service.intake._pool) as upgraded:

        async def is_from_redis() -> bool:
            await upgraded.projector.catch_up()
            return b'"served_from":"redis"' in (await upgraded.get(f"/v1/shipments/{SHIPMENT}")).content

        await until(is_from_redis)
        shown = (await upgraded.get(f"/v1/shipments/{SHIPMENT}")).json()
    assert shown | {"freshness": None} == right | {"freshness": None}
