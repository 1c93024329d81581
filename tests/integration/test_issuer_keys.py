"""Key rotation: published before it signs, verifying until its tokens are dead, and no request lost on the way."""

import asyncio
import json
import multiprocessing
import time

import httpx
import msgspec
import pytest

from app.settings import Settings
from auth.errors import Unauthorized
from auth.issuer import signing_key
from auth.issuer.issuer import Issuer
from auth.issuer.key_ring import KeyRing
from auth.issuer.signing_key import load_keys, load_or_create_signing_key, remove, rotate, signer
from auth.tokens import TokenVerifier
from tests.api.test_tokens import signed
from tests.fixtures_issuer import AUDIENCE, URL, header
from tests.integration.waiting import until
from tests.served import served
from tests.signed_tokens import Clock


@pytest.fixture
def path(tmp_path):
    return tmp_path / "issuer.jwk"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ring(path, clock):
    return KeyRing(path, token_seconds=600, clock=clock)


def kids(ring: KeyRing) -> list[str]:
    return [key["kid"] for key in ring.jwks()["keys"]]


def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_are_dead(ring, path, clock):
    (old,) = kids(ring)
    added = rotate(path, lead_seconds=300, now=clock)
    clock.now += 1
    assert kids(ring) == [old, added.kid]
    assert ring.signer().kid == old
    clock.now += 300
    assert kids(ring) == [added.kid, old]
    assert ring.signer().kid == added.kid
    clock.now += 600
    assert old in kids(ring)
    clock.now += 61
    assert kids(ring) == [added.kid]


async def test_a_worker_that_meets_a_key_it_does_not_know_looks_at_once(ring, path, clock):
    added = rotate(path, lead_seconds=0, now=clock)
    assert (await ring.find(added.kid)).kid == added.kid
    assert ring.signer().kid == added.kid
    assert await ring.find("no such key") is None


def test_a_worker_sees_a_rotation_within_a_second(ring, path, clock):
    (old,) = kids(ring)
    rotate(path, lead_seconds=0, now=clock)
    assert ring.signer().kid == old
    clock.now += 1
    assert ring.signer().kid != old


def test_a_file_that_broke_leaves_the_keys_as_they_were(ring, path, clock):
    (old,) = kids(ring)
    path.write_bytes(b"{")
    clock.now += 2
    assert kids(ring) == [old]
    path.unlink()
    clock.now += 2
    assert ring.signer().kid == old


def test_a_single_key_as_it_was_kept_before_is_a_set_of_one(path, clock):
    load_or_create_signing_key(path)
    (key,) = load_keys(path)
    path.write_text(json.dumps(key.key.as_dict(private=True)))
    assert KeyRing(path, token_seconds=600, clock=clock).signer().kid == key.kid


def test_keys_long_dead_are_dropped_at_the_next_rotation(ring, path, clock):
    (old,) = kids(ring)
    rotate(path, lead_seconds=0, now=clock)
    clock.now += signing_key.RETIRED_SECONDS + 1
    rotate(path, lead_seconds=0, now=clock)
    assert old not in [key.kid for key in load_keys(path)]
    assert len(load_keys(path)) == 2


def test_the_file_stays_its_owner_s_alone(ring, path, clock):
    assert ring
    rotate(path, lead_seconds=0, now=clock)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


def test_a_removed_key_counts_no_more(ring, path, clock):
    (old,) = kids(ring)
    with pytest.raises(ValueError, match="rotate"):
        remove(path, old, now=clock)
    added = rotate(path, lead_seconds=0, now=clock)
    assert remove(path, old, now=clock)
    assert not remove(path, old, now=clock)
    clock.now += 1
    assert kids(ring) == [added.kid]


def test_rotations_at_once_all_count(path):
    load_or_create_signing_key(path)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(rotated, [(path,)] * 8)
    keys = load_keys(path)
    assert len({key.kid for key in keys}) == 9
    assert signer(keys, 2**40).kid == keys[-1].kid


def rotated(path) -> None:
    rotate(path, lead_seconds=0)


async def test_two_workers_verify_each_other_s_tokens_while_keys_rotate(door, store, tmp_path):
    path = tmp_path / "issuer.jwk"
    other = Issuer(url=URL, audience=AUDIENCE, keys=KeyRing(path, token_seconds=3600), database=store)
    verifiers = [TokenVerifier(issuer.keys, issuer=URL, audience=AUDIENCE) for issuer in (door.issuer, other)]
    signed_by = set()
    for _ in range(5):
        rotate(path, lead_seconds=0)
        door.issuer.keys._looked_at = 0
        token = await door.own_token()
        signed_by.add(header(token)["kid"])
        for verifier in verifiers:
            assert (await verifier.verify(token)).client_id == "acme-app"
    assert len(signed_by) == 5


async def test_a_token_names_its_key_always_and_the_one_that_signs(door):
    for _ in range(2):
        rotate(door.issuer.keys._path, lead_seconds=3600)
    door.issuer.keys._looked_at = 0
    current = door.issuer.keys.jwks()["keys"][0]["kid"]
    # Of a set of several Authlib would sign with a random one.
    assert {header(await door.own_token())["kid"] for _ in range(10)} == {current}


async def test_a_token_of_a_removed_key_is_refused(door):
    token = await door.own_token()
    path = door.issuer.keys._path
    rotate(path, lead_seconds=0)
    remove(path, header(token)["kid"])
    door.issuer.keys._looked_at = 0
    with pytest.raises(Unauthorized):
        await TokenVerifier(door.issuer.keys, issuer=URL, audience=AUDIENCE).verify(token)


async def test_a_remembered_token_of_a_removed_key_is_forgotten_and_others_are_not(door):
    path = door.issuer.keys._path
    stolen = await door.own_token()
    rotate(path, lead_seconds=0)
    door.issuer.keys._looked_at = 0
    good = await door.own_token()
    for token in (stolen, good):
        await door.verifier.verify(token)
    remove(path, header(stolen)["kid"])
    stop = asyncio.Event()
    watching = asyncio.create_task(door.issuer.keys.watch(stop))

    async def forgotten() -> bool:
        return door.verifier.cached(f"Bearer {stolen}".encode()) is None

    await until(forgotten)
    stop.set()
    await watching
    assert door.verifier.cached(f"Bearer {good}".encode())
    with pytest.raises(Unauthorized):
        await door.verifier.verify(stolen)


async def test_the_tokens_of_a_removed_key_stop_working_on_every_worker(settings):
    async with served(settings, workers=2) as url:
        own = msgspec.structs.replace(settings, base_url=url)
        stolen = signed_for(own)
        rotate(own.issuer_key, lead_seconds=0)
        good = signed_for(own)
        assert header(stolen)["kid"] != header(good)["kid"]

        async def ask(token: str) -> tuple[str, int]:
            """Which worker answered, by how its request ids begin, and what; over a connection of its own."""
            async with httpx.AsyncClient(trust_env=False) as http:
                answer = await http.get(f"{url}/v1/shipments", headers={"Authorization": f"Bearer {token}"})
            return answer.headers["x-request-id"].partition("-")[0], answer.status_code

        workers: set[str] = set()

        async def all_remember_it() -> bool:
            worker, status = await ask(stolen)
            assert status == 200
            workers.add(worker)
            return len(workers) == 2

        await until(all_remember_it, 30)
        remove(own.issuer_key, header(stolen)["kid"])
        began, refusing = time.monotonic(), {}

        async def all_refuse_it() -> bool:
            worker, status = await ask(stolen)
            if status == 401:
                refusing.setdefault(worker, time.monotonic() - began)
            return refusing.keys() == workers

        await until(all_refuse_it, 30)
        print(f"refused by every worker after {max(refusing.values()):.2f} s")  # noqa: T201 - what the run measured
        assert (await ask(good))[1] == 200


def signed_for(settings: Settings) -> str:
    class Signing:
        pass

    Signing.settings = settings
    return signed(Signing)
