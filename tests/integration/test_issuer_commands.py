"""`portal clients`, `portal users`, `portal keys`: what administrators and scripts type."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from app.cli.main import portal
from app.settings import Settings
from auth.issuer.clients import find_client
from auth.issuer.passwords import Passwords
from auth.issuer.signing_key import load_or_create_signing_key
from auth.issuer.users import find_user
from tests.fixtures_issuer import SIGNER_KEY


class Administrator:
    def __init__(self, settings: Settings) -> None:
        self.environment = {
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_REDIS_URL": settings.redis_url,
            "PORTAL_DATA_DIR": settings.data_dir,
        }

    async def types(self, *arguments: str, says: str | None = None, **environment: str) -> Result:
        runner = CliRunner(env=self.environment | environment)
        return await asyncio.to_thread(runner.invoke, portal, arguments, input=says)

    async def told(self, *arguments: str, says: str | None = None) -> Any:
        ended = await self.types(*arguments, "--json", says=says)
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)


@pytest.fixture
def administrator(settings: Settings) -> Administrator:
    return Administrator(settings)


async def test_a_client_is_added_listed_disabled_and_enabled(administrator, store):
    added = await administrator.told(
        "clients", "add", "crm", "--tenant", "acme", "--scope", "orders:read", "--scope", "cards:read"
    )
    stored = await find_client(store, "crm")
    assert stored.knows(added["client_secret"])
    assert (stored.client.tenant, stored.client.scopes) == ("acme", ("orders:read", "cards:read"))
    (listed,) = await administrator.told("clients", "list")
    assert (listed["client_id"], listed["proves_itself_by"], listed["disabled_at"]) == ("crm", "secret", None)
    await administrator.told("clients", "disable", "crm")
    assert await find_client(store, "crm") is None
    assert (await administrator.told("clients", "list"))[0]["disabled_at"]
    await administrator.told("clients", "enable", "crm")
    assert await find_client(store, "crm")


async def test_a_secret_is_shown_once_and_can_be_rotated(administrator, store):
    first = (await administrator.types("clients", "add", "crm", "--scope", "orders:read")).stdout.split()[-1]
    second = (await administrator.told("clients", "rotate-secret", "crm"))["client_secret"]
    stored = await find_client(store, "crm")
    assert stored.knows(second)
    assert not stored.knows(first)
    for shown in ((), ("--json",)):
        output = (await administrator.types("clients", "list", *shown)).output
        assert second not in output


async def test_a_client_may_prove_itself_by_a_key_or_be_public(administrator, store, tmp_path: Path):
    file = tmp_path / "public.json"
    file.write_text(json.dumps({"keys": [SIGNER_KEY.as_dict(private=False)]}))
    assert await administrator.told("clients", "add", "tms", "--scope", "orders:read", "--jwks", str(file)) == {
        "client_id": "tms"
    }
    assert (await find_client(store, "tms")).jwks[0]["kid"] == "signer-key"
    page = ("clients", "add", "page", "--public", "--scope", "orders:read")
    assert "redirect URI" in (await administrator.types(*page)).output
    await administrator.told(*page, "--redirect-uri", "https://portal.example/portal")
    assert (await find_client(store, "page")).is_public


@pytest.mark.parametrize(
    "arguments",
    [
        ("clients", "add", "crm", "--scope", "everything"),
        ("clients", "add", "a b", "--scope", "orders:read"),
        ("clients", "add", "crm", "--scope", "orders:read", "--source", "erp"),
        ("clients", "add", "crm", "--public", "--scope", "orders:read", "--redirect-uri", "javascript:x"),
        ("clients", "disable", "nobody"),
        ("clients", "enable", "nobody"),
        ("clients", "rotate-secret", "nobody"),
        ("users", "disable", "nobody"),
        ("users", "enable", "nobody"),
        ("users", "set-password", "nobody"),
        ("users", "add", "Ann", "--scope", "orders:read"),
        ("keys", "rotate"),
        ("keys", "list"),
        ("keys", "remove", "x"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(administrator, arguments):
    ended = await administrator.types(*arguments, says="a good password\n")
    assert ended.exit_code == 1, ended.output
    assert "Traceback" not in ended.output
    assert "Error" in ended.output


async def test_who_only_receives_goods_is_added_as_such_and_listed(administrator, store):
    await administrator.told("clients", "add", "dock", "--scope", "orders:read", "--party-role", "ship_to")
    await administrator.told("clients", "add", "crm", "--scope", "orders:read")
    await administrator.told(
        *("users", "add", "dora", "--scope", "orders:read", "--party-role", "ship_to"), says="a good password\n"
    )
    assert (await find_client(store, "dock")).client.party_role == "ship_to"
    assert (await find_user(store, "dora")).user.party_role == "ship_to"
    listed = {one["client_id"]: one["party_role"] for one in await administrator.told("clients", "list")}
    assert listed == {"crm": "bill_to", "dock": "ship_to"}
    assert [one["party_role"] for one in await administrator.told("users", "list")] == ["ship_to"]
    wrong = await administrator.types("clients", "add", "x", "--scope", "orders:read", "--party-role", "consignee")
    assert wrong.exit_code == 2


async def test_nothing_is_added_over_what_there_is(administrator, store):
    await administrator.told("clients", "add", "crm", "--scope", "orders:read")
    await administrator.told("clients", "disable", "crm")
    assert (await administrator.types("clients", "add", "crm", "--scope", "orders:read")).exit_code == 1
    add = ("users", "add", "ann", "--scope", "orders:read")
    await administrator.told(*add, says="a good password\n")
    assert (await administrator.types(*add, says="another password\n")).exit_code == 1
    assert await Passwords().matches("a good password", (await find_user(store, "ann")).password_hash)


async def test_a_user_is_added_given_another_password_and_disabled(administrator, store):
    add = (
        "users",
        "add",
        "ann",
        "--tenant",
        "acme",
        "--account",
        "acme",
        "--account",
        "bolt",
        "--scope",
        "orders:read",
    )
    assert (await administrator.types(*add, says="short\n")).exit_code == 1
    await administrator.told(*add, says="a good password\n")
    assert (await find_user(store, "ann")).user.accounts == ("acme", "bolt")
    await administrator.told("users", "set-password", "ann", says="another password\r\n")
    assert await Passwords().matches("another password", (await find_user(store, "ann")).password_hash)
    await administrator.told("users", "disable", "ann")
    assert await find_user(store, "ann") is None
    (listed,) = await administrator.told("users", "list")
    assert listed["username"] == "ann"
    assert "password_hash" not in listed
    await administrator.told("users", "enable", "ann")
    assert await find_user(store, "ann")


async def test_keys_are_listed_rotated_and_removed(administrator, settings: Settings):
    first = load_or_create_signing_key(settings.issuer_key).kid
    added = (await administrator.told("keys", "rotate"))["kid"]
    listed = {row["kid"]: row["state"] for row in await administrator.told("keys", "list")}
    assert listed == {first: "signs", added: "next"}
    assert (await administrator.types("keys", "remove", first)).exit_code == 1
    now = (await administrator.told("keys", "rotate", "--lead", "0s"))["kid"]
    await administrator.told("keys", "remove", first)
    listed = {row["kid"]: row["state"] for row in await administrator.told("keys", "list")}
    assert listed == {now: "signs", added: "next"}


@pytest.mark.parametrize("kid", ["-hQ3", "--json5"])
async def test_a_key_whose_id_begins_with_a_dash_can_be_removed(administrator, settings: Settings, kid):
    load_or_create_signing_key(settings.issuer_key)
    ended = await administrator.types("keys", "remove", kid)
    assert (ended.exit_code, f"no key {kid}" in ended.output) == (1, True)


@pytest.mark.parametrize("group", ["clients", "users", "keys"])
async def test_where_another_issuer_is_in_use_there_is_nothing_to_administer(administrator, group):
    ended = await administrator.types(group, "list", PORTAL_ISSUER="https://id.example")
    assert ended.exit_code == 2
    assert "https://id.example" in ended.output


@pytest.mark.parametrize("group", ["clients", "users", "keys"])
def test_every_command_has_help_with_examples(group):
    for name, command in portal.commands[group].commands.items():
        assert "Examples:" in command.help, name


async def test_a_table_is_shown_to_people(administrator):
    await administrator.told("clients", "add", "crm", "--scope", "orders:read")
    assert "crm" in (await administrator.types("clients", "list")).output
    assert (await administrator.types("users", "list")).exit_code == 0


async def test_a_database_that_is_away_is_an_error_and_no_traceback(administrator):
    ended = await administrator.types("clients", "list", PORTAL_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert ended.exit_code == 1
    assert "Postgres" in ended.output


async def test_what_an_administrator_does_is_in_the_audit_log(administrator, settings):
    load_or_create_signing_key(settings.issuer_key)
    await administrator.told("clients", "add", "crm", "--tenant", "acme", "--scope", "orders:read")
    await administrator.told("clients", "rotate-secret", "crm")
    await administrator.told("clients", "disable", "crm")
    await administrator.told("users", "add", "ann", "--scope", "orders:read", says="a good password\n")
    await administrator.told("users", "disable", "ann")
    await administrator.told("keys", "rotate")
    assert (await administrator.types("clients", "disable", "nobody")).exit_code == 1
    connection = await asyncpg.connect(settings.database_url)
    try:
        rows = await connection.fetch("select client_id, action, target, detail from portal.audit order by id")
    finally:
        await connection.close()
    assert [(row["action"], row["target"]) for row in rows[:-1]] == [
        ("client.created", "client/crm"),
        ("client.secret_rotated", "client/crm"),
        ("client.disabled", "client/crm"),
        ("user.created", "user/ann"),
        ("user.disabled", "user/ann"),
    ]
    assert rows[-1]["action"] == "key.rotated"
    assert json.loads(rows[0]["detail"])["scopes"] == ["orders:read"]
    assert "good password" not in str(rows)
