"""The login page in a real browser: signing in lands where the app wants it, with a code."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from app.settings import Settings
from auth.issuer.clients import Client, create_public_client
from auth.issuer.users import User, create_user
from projections.database import DatabaseRole, open_pool
from projections.redis import Redis
from tests.fixtures_issuer import VERIFIER, challenge
from tests.served import free_port, served
from tests.web.chromium import chromium, needs_chromium

pytestmark = [needs_chromium, pytest.mark.timeout(120)]
# Nobody listens there: where the browser is sent is what counts.
BACK = f"http://127.0.0.1:{free_port()}/back"
PASSWORD = "correct horse battery"
PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture
async def url(settings: Settings, redis: Redis) -> AsyncIterator[str]:
    """A running service with a page that ann may sign in for."""
    assert redis
    async with await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        scopes = ("shipments:read", "orders:read")
        await create_public_client(pool, Client("page", "the shipment portal", scopes, redirect_uris=(BACK,)))
        await create_user(pool, User("ann", "acme", scopes=scopes), PASSWORD)
    async with served(settings) as started:
        yield started


def login(url: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": "page",
        "redirect_uri": BACK,
        "scope": "openid shipments:read",
        "state": "st4te",
        "nonce": "n0nce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return f"{url}/oauth/authorize?{urlencode(asked)}"


async def sign_in(page: Page, password: str = PASSWORD) -> None:
    """As a person would: by the labels."""
    await page.get_by_label("User name").fill("Ann")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_signing_in_lands_on_the_redirect_with_a_code_that_is_worth_tokens(browser: Browser, url: str):
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(login(url))
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.get_by_text("the shipment portal")).to_be_visible()
    await expect(page.get_by_label("User name")).to_be_focused()
    assert complaints == []
    async with page.expect_request(lambda request: request.url.startswith(BACK)) as sent:
        await sign_in(page)
    told = parse_qs(urlsplit((await sent.value).url).query)
    assert told["state"] == ["st4te"]
    assert told["iss"] == [url]
    assert "referer" not in (await sent.value).headers
    form = {
        "grant_type": "authorization_code",
        "client_id": "page",
        "redirect_uri": BACK,
        "code": told["code"][0],
        "code_verifier": VERIFIER,
    }
    async with httpx.AsyncClient(trust_env=False) as http:
        tokens = (await http.post(f"{url}/oauth/token", data=form)).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await http.get(f"{url}/v1/shipments", headers=bearer)).status_code == 200
    await page.close()


async def test_a_wrong_password_is_told_read_out_and_can_be_mended(browser: Browser, url: str):
    page = await browser.new_page()
    await page.goto(login(url))
    await sign_in(page, "wrong")
    await expect(page.get_by_role("alert")).to_have_text("The user name or the password is not right.")
    await expect(page.get_by_label("User name")).to_have_value("Ann")
    await expect(page.get_by_label("Password")).to_have_value("")
    await expect(page.get_by_label("Password")).to_be_focused()
    async with page.expect_request(lambda request: request.url.startswith(BACK)) as sent:
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
    assert "code=" in (await sent.value).url
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_a_phone_and_can_be_read(browser: Browser, url: str, scheme):
    page = await browser.new_page(viewport=PHONE, color_scheme=scheme)
    await page.goto(login(url))
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for part in (page.get_by_label("User name"), page.get_by_label("Password"), page.get_by_role("button")):
        box = await part.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= PHONE["height"]
    await sign_in(page, "wrong")
    for selector in ("h1", "p", "label", "button", ".problem", "input"):
        assert await page.evaluate(CONTRAST, selector) >= 4.5, selector
    if shots := os.environ.get("PORTAL_TEST_SCREENSHOTS"):
        await page.screenshot(path=Path(shots) / f"login-phone-{scheme}.png")
        await page.set_viewport_size({"width": 1100, "height": 700})
        await page.goto(login(url))
        await page.screenshot(path=Path(shots) / f"login-wide-{scheme}.png")
    await page.close()


# WCAG 2.2, 1.4.3: the contrast of an element's text with what lies behind it.
CONTRAST = """selector => {
  const rgba = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1] };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const element = document.querySelector(selector);
  let behind = element;
  while (rgba(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
    .map(rgba).map(light).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""
