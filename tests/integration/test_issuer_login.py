"""The login page: who gets in, what is told to whom, and what another site can do about it."""

import asyncio
import re
import time
from html import escape

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from auth.addresses import network_of
from auth.issuer.issuer import Issuer
from auth.issuer.login_transaction import LoginTransactions
from auth.issuer.passwords import CONCURRENT_MAX, Passwords, hash_password
from auth.issuer.routes import issuer_router
from auth.issuer.signed import sign
from auth.issuer.users import User, create_user
from projections.words import LANGUAGES, catalogue
from tests.fixtures_issuer import AUDIENCE, PASSWORD, Door, asked, told, transaction_in


async def test_the_page_has_no_script_and_lets_nothing_in(door):
    page = await door.show()
    policy = page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert not re.search(r"\son\w+=", page.text)
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert directives["form-action"] == "'self' https://app.example"
    assert directives["style-src"].startswith("'sha256-")
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"


async def test_fields_have_labels_and_tell_browsers_what_they_are(door):
    page = (await door.show()).text
    for name, autocomplete in (("username", "username"), ("password", "current-password")):
        assert f'<label for="{name}">' in page
        assert re.search(rf'<input id="{name}" name="{name}"[^>]*autocomplete="{autocomplete}"', page)
    assert '<html lang="en">' in page
    assert "width=device-width" in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_speaks_the_language_its_person_reads(door, language):
    door.http.headers["Accept-Language"] = f"{language}-XX, nl;q=0.9"
    say = catalogue(language).pages
    page = await door.show()
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    for sentence in ("sign_in", "user_name", "password"):
        assert f">{escape(say[sentence]())}<" in page.text
    for _ in range(10):
        assert escape(say["wrong"]()) in (await door.sign_in("ann", "wrong", page)).text
    assert escape(say["too_many_attempts"](minutes=15)) in (await door.sign_in("ann", "wrong", page)).text
    unknown = await door.show(client_id="nobody")
    assert all(escape(say[sentence]()) in unknown.text for sentence in ("cannot_sign_in", "unknown_app"))


async def test_what_others_chose_is_shown_as_text(door):
    page = await door.show()
    assert "Page &amp; &lt;b&gt;&quot;Co&quot;&lt;/b&gt;" in page.text
    wrong = await door.sign_in('"><script>x</script>', page=page)
    assert "<script" not in wrong.text
    assert "&lt;script&gt;" in wrong.text


async def test_names_are_taken_as_phones_type_them(door):
    assert "code" in told(await door.sign_in(" Ann "))


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(door, store):
    await create_user(store, User("gone", "acme", scopes=("shipments:read",)), PASSWORD)
    await store.execute("update issuer.oauth_user set disabled_at = now() where username = 'gone'")
    answers = [
        await door.sign_in("ann", "wrong"),
        await door.sign_in("nob", PASSWORD),
        await door.sign_in("gone", PASSWORD),
        await door.sign_in("a:b", PASSWORD),
        await door.sign_in("ann", ""),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert 'role="alert" id="problem">The user name or the password is not right.<' in answer.text
        assert transaction_in(answer.text)
    said = {re.sub(r'(transaction"|name="username") value="[^"]*"', "", answer.text) for answer in answers}
    assert len(said) == 1


async def test_an_unknown_user_costs_as_much_work_as_a_known_one(door, monkeypatch):
    checked = []
    verify = Passwords._verify
    monkeypatch.setattr(Passwords, "_verify", lambda self, *told: checked.append(told) or verify(self, *told))
    for name in ("ann", "nobody", "no such: name"):
        await door.sign_in(name, "wrong")
    assert len(checked) == 3
    assert {re.match(r"\$argon2id\$v=19\$[^$]+", stored)[0] for _, stored in checked} == {
        "$argon2id$v=19$m=65536,t=3,p=4"
    }


async def test_the_name_typed_is_kept_and_the_password_is_not(door):
    answer = await door.sign_in("ann", "my secret guess")
    assert 'value="ann"' in answer.text
    assert "my secret guess" not in answer.text


# Forms that the person was not shown.


async def test_a_form_without_the_page_is_refused(door):
    for transaction in ("", "x", "a.b.c", "x" * 10_000, "é"):
        form = {"transaction": transaction, "username": "ann", "password": PASSWORD}
        answer = await door.http.post("/oauth/authorize", data=form)
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_a_page_shown_to_another_browser_is_refused(door):
    page = await door.show()
    form = {"transaction": transaction_in(page.text), "username": "ann", "password": PASSWORD}
    door.http.cookies.clear()
    for cookie in ("", "portal-login=" + "x" * 43, "portal-login=short", "portal-login"):
        answer = await door.http.post("/oauth/authorize", data=form, headers={"Cookie": cookie})
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert "begin again" in answer.text


async def test_a_page_that_was_open_for_too_long_is_refused(door, monkeypatch):
    page = await door.show()
    now = time.time()
    monkeypatch.setattr("auth.issuer.login_transaction.time.time", lambda: now + 901)
    assert (await door.sign_in(page=page)).status_code == 400


async def test_a_changed_page_is_refused(door):
    head, body, signature = transaction_in((await door.show()).text).split(".")
    for changed in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}."):
        answer = await door.http.post("/oauth/authorize", data={"transaction": changed, "username": "ann"})
        assert answer.status_code == 400


async def test_no_other_token_of_ours_passes_for_a_page(door):
    tokens = await door.tokens()
    other = sign(door.issuer.keys, "JWT", {"parameters": asked(), "browser": "", "exp": time.time() + 60})
    for token in (tokens["access_token"], tokens["id_token"], other):
        answer = await door.http.post("/oauth/authorize", data={"transaction": token, "username": "ann"})
        assert answer.status_code == 400


async def test_pages_in_several_tabs_all_work(door):
    first, second = await door.show(), await door.show(state="other")
    assert told(await door.sign_in(page=first))["state"] == "st4te&=é"
    assert told(await door.sign_in(page=second))["state"] == "other"


async def test_the_cookie_is_for_this_page_alone(door):
    cookie = (await door.show()).headers["set-cookie"]
    assert re.fullmatch(r"portal-login=[\w-]{43}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax", cookie)


async def test_behind_https_the_cookie_travels_over_https_only(keys):
    _, cookie = LoginTransactions(keys, secure=True).begin({}, None)
    assert cookie.startswith("__Host-portal-login=")
    assert cookie.endswith("; Secure")


async def test_a_client_changed_since_the_page_was_shown_counts_as_it_is_now(door, store):
    page = await door.show()
    await store.execute(
        "update issuer.oauth_client set redirect_uris = '{https://new.example/}' where client_id = 'page'"
    )
    assert (await door.sign_in(page=page)).status_code == 400
    await store.execute("update issuer.oauth_client set disabled_at = now() where client_id = 'page'")
    assert (await door.sign_in(page=page)).status_code == 400


async def test_the_form_s_parameters_do_not_come_from_the_query(door):
    form = {"transaction": transaction_in((await door.show()).text), "username": "ann", "password": PASSWORD}
    assert (await door.http.post("/oauth/authorize", params=form)).status_code == 400
    assert (await door.http.post("/oauth/authorize", data=form, params={"x": "y"})).status_code == 400


# Guessing.


async def test_after_ten_wrong_passwords_no_other_is_looked_at_for_a_while(door):
    page = await door.show()
    for _ in range(10):
        assert (await door.sign_in("ann", "wrong", page)).status_code == 401
    answer = await door.sign_in("ann", PASSWORD, page)
    assert answer.status_code == 429
    assert 800 < int(answer.headers["retry-after"]) <= 900
    assert "Too many attempts. Try again in 15 minutes." in answer.text


async def test_an_unknown_name_is_throttled_like_a_known_one(door):
    page = await door.show()
    for _ in range(10):
        await door.sign_in("nobody", "wrong", page)
    assert (await door.sign_in("nobody", "wrong", page)).status_code == 429
    assert "code" in told(await door.sign_in("ann", PASSWORD, page))


async def test_many_guesses_at_once_are_no_way_around(door):
    page = await door.show()
    answers = await asyncio.gather(*(door.sign_in("ann", "wrong", page) for _ in range(16)))
    statuses = [answer.status_code for answer in answers]
    # On a slow machine some of the ten are told that all places are taken.
    assert statuses.count(429) == 6
    assert set(statuses) <= {401, 429, 503}


async def test_all_workers_count_together(door, store, keys):
    page = await door.show()
    for _ in range(10):
        await door.sign_in("ann", "wrong", page)
    other = Issuer(url=door.issuer.url, audience=AUDIENCE, keys=keys, database=store)
    transport = httpx.ASGITransport(Litestar([issuer_router(other)], openapi_config=None))
    async with httpx.AsyncClient(transport=transport, base_url=door.issuer.url) as http:
        assert (await Door(http, other, "").sign_in()).status_code == 429


async def test_good_sign_ins_do_not_use_the_attempts_up(door):
    page = await door.show()
    for _ in range(12):
        assert "code" in told(await door.sign_in(page=page))


async def test_after_the_window_one_may_try_again(door, store):
    page = await door.show()
    for _ in range(11):
        await door.sign_in("ann", "wrong", page)
    await store.execute("update issuer.sign_in_attempt set window_ends_at = now()")
    assert "code" in told(await door.sign_in(page=page))


async def test_one_address_that_tries_many_names_is_stopped(door, store):
    page = await door.show()
    await door.sign_in("someone", "wrong", page)
    await store.execute("update issuer.sign_in_attempt set attempts = 200")
    assert (await door.sign_in("somebody-else", "wrong", page)).status_code == 429


@pytest.mark.parametrize(("proxies", "status"), [(1, 303), (0, 429)])
async def test_behind_a_proxy_addresses_are_those_it_saw_and_else_nobody_can_choose_one(door, store, proxies, status):
    transport = httpx.ASGITransport(Litestar([issuer_router(door.issuer, proxies=proxies)], openapi_config=None))
    async with httpx.AsyncClient(transport=transport, base_url=door.issuer.url) as http:
        behind = Door(http, door.issuer, "")
        http.headers["X-Forwarded-For"] = "198.51.100.1, 192.0.2.1"
        await behind.sign_in("someone", "wrong")
        await store.execute("update issuer.sign_in_attempt set attempts = 200")
        # What stands left of the proxy's word is the caller's own.
        http.headers["X-Forwarded-For"] = "203.0.113.9, 192.0.2.1"
        assert (await behind.sign_in("somebody-else", "wrong")).status_code == 429
        http.headers["X-Forwarded-For"] = "192.0.2.2"
        assert (await behind.sign_in()).status_code == status


async def test_what_was_typed_for_a_name_is_not_kept(door, store):
    await door.sign_in("oops-my-password", "x")
    assert b"oops" not in b"".join([row["bucket"] for row in await store.fetch("select * from issuer.sign_in_attempt")])


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_address(address, counted_as):
    assert network_of(address) == counted_as


# Passwords.


async def test_a_password_hashed_with_other_costs_is_hashed_anew_at_the_next_sign_in(door, store):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await store.execute("update issuer.oauth_user set password_hash = $1", cheap)
    assert (await door.sign_in("ann", "wrong")).status_code == 401
    assert await store.fetchval("select password_hash from issuer.oauth_user") == cheap
    assert "code" in told(await door.sign_in())
    rehashed = await store.fetchval("select password_hash from issuer.oauth_user")
    assert rehashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "code" in told(await door.sign_in())


@pytest.mark.parametrize("stored", ["", "x", "$scrypt$ln=14,r=8,p=5$AA$AA", "$argon2id$v=19$m=1,t=1,p=1$AA$AA"])
async def test_a_hash_that_is_none_of_ours_matches_nothing(stored):
    assert not await Passwords().matches("", stored)
    assert not await Passwords().matches(PASSWORD, stored)


def test_the_same_password_is_never_hashed_the_same_way_twice():
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


async def test_few_passwords_are_hashed_at_a_time_and_the_loop_goes_on():
    passwords, under_way, most = Passwords(), 0, 0
    verify = passwords._verify

    def counting(*told):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return verify(*told)
        finally:
            under_way -= 1

    passwords._verify = counting
    turns = 0

    async def turn():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turning = asyncio.create_task(turn())
    await asyncio.gather(*(passwords.matches("x", None) for _ in range(6)))
    turning.cancel()
    assert most <= CONCURRENT_MAX
    assert turns > 10


async def test_when_all_are_busy_for_too_long_it_says_so(door, monkeypatch):
    page = await door.show()
    monkeypatch.setattr("auth.issuer.passwords.QUEUE_SECONDS", 0.01)
    places = door.issuer.authorization._sign_in._passwords._places
    for _ in range(CONCURRENT_MAX):
        await places.acquire()
    answer = await door.sign_in(page=page)
    assert answer.status_code == 503
    assert "Too many people" in answer.text


async def test_a_person_without_a_tenant_may_sign_in(door, store):
    await create_user(store, User("otto", scopes=("ops:read",)), PASSWORD)
    await store.execute("update issuer.oauth_client set scopes = '{ops:read,shipments:read}' where client_id = 'page'")
    tokens = (await door.redeem(told(await door.sign_in("otto", scope=None))["code"])).json()
    principal = await door.verifier.verify(tokens["access_token"])
    assert (principal.tenant, principal.accounts, principal.scopes) == (None, (), {"ops:read"})
