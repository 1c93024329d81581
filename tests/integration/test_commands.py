"""The commands a person or a script types: what they print and how they end."""

import asyncio
import json
from pathlib import Path

import pytest

from app.settings import Settings
from tests.commands import portal, portal_process, stores
from tests.other_issuer import CLIENT_ID, SECRET, OtherIssuer


@pytest.mark.parametrize("command", ["serve", "intake", "project", "migrate"])
def test_a_missing_setting_stops_the_start_and_is_named(command: str):
    ended = portal(command)
    assert ended.returncode == 2
    assert "PORTAL_DATABASE_URL is not set" in ended.stderr


def test_a_misspelt_setting_is_refused(settings: Settings):
    ended = portal("migrate", **stores(settings), PORTAL_DATABSE="x")
    assert ended.returncode == 2
    assert "PORTAL_DATABSE is not a setting" in ended.stderr


def test_an_unknown_option_is_a_usage_error():
    assert portal_process("serve", "--prot", "1").returncode == 2


def test_migrating_twice_says_that_there_is_nothing_to_do(settings: Settings):
    assert portal("migrate", **stores(settings)).stdout.strip() == "up to date"


def test_a_database_that_is_away_is_an_error_and_no_traceback(settings: Settings):
    ended = portal("migrate", **stores(settings) | {"PORTAL_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"})
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_the_doctor_finds_a_sound_installation_sound(settings: Settings):
    ended = portal("doctor", "--json", **stores(settings))
    assert ended.returncode == 0, ended.stdout
    checks = {finding["check"]: finding["ok"] for finding in json.loads(ended.stdout)}
    first = ("settings", "postgres", "migrations", "roles", "redis")
    assert checks == dict.fromkeys([*first, "issuer", "introspection", "sources", "apis"], True)


def test_the_doctor_says_what_to_mend(settings: Settings):
    ended = portal("doctor", "--json", **stores(settings) | {"PORTAL_REDIS_URL": "redis://127.0.0.1:1"})
    assert ended.returncode == 1
    wrong = [finding for finding in json.loads(ended.stdout) if not finding["ok"]]
    assert [finding["check"] for finding in wrong] == ["redis"]
    assert "PORTAL_REDIS_URL" in wrong[0]["mend"]


@pytest.mark.parametrize("command", [("doctor", "--json"), ("serve",)])
def test_a_source_whose_secret_is_missing_is_named_and_nothing_starts(settings: Settings, tmp_path: Path, command):
    file = tmp_path / "sources.toml"
    file.write_text(
        '[nordvik]\nname = "/carrier/ndvk"\nformat = "carrier_json:nordvik"\nsecret_env = "NORDVIK_SECRET"\n'
    )
    ended = portal_process(*command, **stores(settings), PORTAL_SOURCES_FILE=str(file))
    assert ended.returncode == {"doctor": 1, "serve": 2}[command[0]]
    assert "nordvik: NORDVIK_SECRET, which holds its secret, is not set" in ended.stdout + ended.stderr
    sound = portal("doctor", "--json", **stores(settings), PORTAL_SOURCES_FILE=str(file), NORDVIK_SECRET="s" * 32)
    assert sound.returncode == 0
    assert "1 declared, 1 with a secret" in sound.stdout


def test_the_doctor_names_the_tokens_of_apis_that_are_missing(settings: Settings, tmp_path: Path):
    file = tmp_path / "sources.toml"
    file.write_text(
        '[erp]\nname = "/erp/main"\nformat = "events"\n'
        'api = { url = "https://erp.example/api", kind = "invoices", token_env = "ERP_TOKEN" }\n'
    )
    told = {**stores(settings), "PORTAL_SOURCES_FILE": str(file)}
    ended = portal("doctor", "--json", **told)
    assert ended.returncode == 1
    (wrong,) = [finding for finding in json.loads(ended.stdout) if not finding["ok"]]
    assert (wrong["check"], wrong["found"]) == ("apis", "not set: erp: ERP_TOKEN")
    assert "portal reconcile" in wrong["mend"]
    assert portal("doctor", "--json", **told, ERP_TOKEN="t").returncode == 0


@pytest.fixture
async def issuer():
    async with OtherIssuer("one") as started:
        yield started


@pytest.mark.parametrize(
    ("secret", "changes", "wrong"),
    [
        (SECRET, {}, {}),
        ("guess", {}, {"introspection": "401"}),
        (SECRET, {"introspection_endpoint": None}, {"introspection": "names no introspection_endpoint"}),
        (SECRET, {"issuer": "https://evil.example"}, {"issuer": "another issuer", "introspection": "another issuer"}),
    ],
    ids=str,
)
async def test_the_doctor_asks_the_issuer_whether_this_service_may_introspect(
    settings: Settings, issuer: OtherIssuer, secret, changes, wrong
):
    issuer.metadata |= changes
    told = {"PORTAL_INTROSPECTION_CLIENT_ID": CLIENT_ID, "PORTAL_INTROSPECTION_SECRET": secret}
    ended = await asyncio.to_thread(portal, "doctor", "--json", **stores(settings), PORTAL_ISSUER=issuer.url, **told)
    found = {one["check"]: one for one in json.loads(ended.stdout) if not one["ok"]}
    assert found.keys() == wrong.keys(), ended.stdout
    assert all(words in found[check]["found"] for check, words in wrong.items())
    assert all("PORTAL_I" in one["mend"] for one in found.values())
    assert secret not in ended.stdout + ended.stderr


def test_a_token_for_no_demo_says_what_is_missing(tmp_path: Path):
    ended = portal("token", "--demo", str(tmp_path / "demo.json"))
    assert ended.returncode == 2
    assert "no --secret given" in ended.stderr


def test_a_token_endpoint_that_does_not_answer_is_named():
    ended = portal("token", "--client", "x", "--secret", "y", "--url", "http://127.0.0.1:1/oauth/token")
    assert ended.returncode == 1
    assert "http://127.0.0.1:1/oauth/token does not answer" in ended.stderr
