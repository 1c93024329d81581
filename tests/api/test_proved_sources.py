"""`POST /v1/sources/{key}/messages` by sources that sign, or bring a key, instead of a token."""

import hashlib
import hmac
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from app.settings import Settings
from projections.sources.signature import NOT_PROVED
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import order_released
from tests.unit.sources.x12_messages import interchange, status

SECRET, NEXT = "a-secret-of-the-tests", "the-next-secret-of-tests"
SOURCES = """
[nordvik]
name = "/carrier/ndvk"
format = "carrier_json:nordvik"
secret_env = "TESTS_NORDVIK"

[van]
name = "/carrier/rdfx"
format = "x12"
carrier = "RDFX"
secret_env = "TESTS_VAN"
signature = { header = "X-Signature", prefix = "v1=", timestamp_header = "X-Timestamp", tolerance_seconds = 60 }

[lager]
name = "/erp/lager"
format = "events"
tenant = "nordwind"
secret_env = "TESTS_LAGER"
key_header = "X-Api-Key"

[bearer]
name = "/3pl/halle"
format = "csv"
tenant = "nordwind"
secret_env = "TESTS_LAGER"
key_header = "Authorization"

[tokens]
name = "/carrier/tokens"
format = "x12"
"""
SCAN = b"""{"parcels": [{"parcelNumber": "NV-1", "scans": [
    {"scanId": "s-1", "event": {"code": "DEP"}, "scannedAt": "2026-03-02T10:15:00+01:00"}]}]}"""
X12 = interchange(status("LX*1", "AT7*AF*NS***20260302*1015*UT"))
CSV = b"time,wms_shipment,code,tenant\n2026-03-02T10:15:00Z,W-1,picked_up,%b\n"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    monkeypatch.setenv("TESTS_NORDVIK", SECRET)
    monkeypatch.setenv("TESTS_VAN", f"{SECRET} {NEXT}")
    monkeypatch.setenv("TESTS_LAGER", SECRET)
    return msgspec.structs.replace(settings, sources_file=str(file))


def digest(signed: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def post(service: Service, key: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return await service.http.post(f"/v1/sources/{key}/messages", content=body, headers=headers)


async def test_a_carrier_that_signs_as_its_mapping_says_needs_no_token(service: Service):
    good = {"X-Nordvik-Signature": f"sha256={digest(SCAN)}"}
    answer = await post(service, "nordvik", SCAN, good)
    assert (answer.status_code, answer.json()["held"]) == (202, 1)
    assert (await post(service, "nordvik", SCAN, good)).json()["duplicate"] == 1


async def test_a_forged_signature_is_refused_and_nothing_is_taken(service: Service):
    for forged in (f"sha256={digest(SCAN + b' ')}", f"sha256={digest(SCAN, NEXT)}", "sha256=", ""):
        answer = await post(service, "nordvik", SCAN, {"X-Nordvik-Signature": forged})
        problem = ladder.refused(answer, 401, "unproved_sender")
        assert problem["detail"] == NOT_PROVED
        assert answer.headers["www-authenticate"] == 'Bearer realm="portal"'
    good = await post(service, "nordvik", SCAN, {"X-Nordvik-Signature": f"sha256={digest(SCAN)}"})
    assert (good.json()["duplicate"], good.json()["held"]) == (0, 1)


async def test_any_format_can_be_signed_with_a_time(service: Service):
    for secret in (SECRET, NEXT):
        at = f"{time.time():.0f}"
        headers = {"X-Timestamp": at, "X-Signature": f"v1={digest(at.encode() + b'.' + X12, secret)}"}
        assert (await post(service, "van", X12, headers)).status_code == 202


async def test_what_was_overheard_cannot_be_sent_again_later(service: Service):
    at = f"{time.time() - 100:.0f}"
    old = {"X-Timestamp": at, "X-Signature": f"v1={digest(at.encode() + b'.' + X12)}"}
    assert "X-Timestamp" in ladder.refused(await post(service, "van", X12, old), 401, "unproved_sender")["detail"]
    moved = old | {"X-Timestamp": f"{time.time():.0f}"}
    assert ladder.refused(await post(service, "van", X12, moved), 401, "unproved_sender")["detail"] == NOT_PROVED


async def test_a_key_in_a_header_proves_its_source_and_no_other(service: Service):
    said = order_released(source="/erp/lager")
    answer = await post(service, "lager", said, {"X-Api-Key": SECRET})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    for forged in ("x", "", f"Bearer {SECRET}"):
        ladder.refused(await post(service, "lager", said, {"X-Api-Key": forged}), 401, "unproved_sender")
    ladder.refused(await post(service, "tokens", X12, {"X-Api-Key": SECRET}), 401, "unproved_sender")


async def test_a_key_may_come_as_a_bearers(service: Service):
    answer = await post(service, "bearer", CSV % b"nordwind", {"Authorization": f"Bearer {SECRET}"})
    assert (answer.status_code, answer.json()["held"]) == (202, 1)
    ladder.refused(await post(service, "bearer", CSV, {"Authorization": "Bearer x"}), 401, "invalid_token")


async def test_a_source_speaks_under_its_own_name_only(service: Service):
    bodies = [order_released(source=name) for name in ("/erp/lager2", "/erp/lager/2", "/erp/main")]
    answer = await post(service, "lager", b"\n".join(bodies), {"X-Api-Key": SECRET})
    assert answer.json()["reasons"] == {"source_not_allowed": 3}


async def test_a_source_declared_for_a_customer_speaks_of_no_other(service: Service):
    said = order_released(source="/erp/lager", tenant="alpina")
    answer = await post(service, "lager", said, {"X-Api-Key": SECRET})
    assert answer.json()["reasons"] == {"source_not_allowed": 1}


async def test_a_token_is_as_good_as_a_signature(service: Service):
    headers = await service.headers(None, ("events:write",), sources=("/carrier/",))
    assert (await post(service, "nordvik", SCAN, headers)).status_code == 202
    assert (await post(service, "nordvik", SCAN, headers | {"X-Nordvik-Signature": "x"})).status_code == 202
    readers = await service.headers()
    ladder.refused(await post(service, "nordvik", SCAN, readers), 403, "missing_scope")


FORGED = {"X-Nordvik-Signature": "sha256=00", "X-Signature": "v1=0", "X-Timestamp": "1", "X-Api-Key": "x"}


@pytest.mark.parametrize("headers", [{}, FORGED, *({name: value} for name, value in FORGED.items())])
async def test_no_refusal_tells_which_sources_there_are(service: Service, headers: dict[str, str]):
    answers = [await post(service, key, SCAN, headers) for key in ("nobody", "tokens", "nordvik", "van", "lager")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(one.json()["code"], one.json()["detail"], one.headers["www-authenticate"]) for one in answers}) == 1


async def test_without_anything_a_sender_is_told_what_to_bring(service: Service):
    problem = ladder.refused(await post(service, "nordvik", SCAN, {}), 401, "missing_token")
    assert "signature or key" in problem["detail"]
