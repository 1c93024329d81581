"""The authorization endpoint: from a client's request over a person's sign-in to a code (RFC 6749, 4.1; RFC 9207)."""

import math

from authlib.oauth2.rfc6749 import OAuth2Error  # type: ignore[import-untyped]  # Authlib ships no types
from litestar import Response

from auth.issuer.access_tokens import TokenRules
from auth.issuer.authorize_requests import QUERY_BYTES_MAX, AuthorizeRequest, BrowserRequest, refuse_unsupported
from auth.issuer.clients import StoredClient, find_client
from auth.issuer.families import put_code
from auth.issuer.forms import is_form, parameters
from auth.issuer.held import Held
from auth.issuer.login_page import login_page, page_headers, problem_page
from auth.issuer.login_transaction import LoginTransactions
from auth.issuer.passwords import Passwords, PasswordsBusyError
from auth.issuer.redirects import origin_of
from auth.issuer.server import Answer, TokenServer
from auth.issuer.sign_in import SignIn, SignInRefusedError
from auth.issuer.throttle import Throttle
from projections.database import Database
from projections.words import catalogue

Page = Response[str]


class Authorization:
    """Shows the login page, and answers what is typed into it."""

    def __init__(self, rules: TokenRules, database: Database) -> None:
        self._rules = rules
        self._database = database
        self._endpoint = f"{rules.issuer}/oauth/authorize"
        self._transactions = LoginTransactions(rules.keys, secure=rules.issuer.startswith("https://"))
        self._sign_in = SignIn(database, Passwords(), Throttle(database))

    async def show(self, http: BrowserRequest) -> Page | Answer:
        """The login page, or why there is none: told to the client where that is safe, else to the person."""
        try:
            asked = parameters(http.query)
        except OAuth2Error:
            return _problem(http, "damaged")
        if len(http.query) > QUERY_BYTES_MAX:
            return _problem(http, "damaged")
        stored = await find_client(self._database, asked.get("client_id", ""))
        refused = self._refused(http, asked, stored)
        if refused is not None or stored is None:
            return refused or _problem(http, "unknown_app")
        return self._page(http, asked, stored)

    async def sign_in(self, http: BrowserRequest) -> Page | Answer:
        """Back to the client with a code, or the page again with what was wrong."""
        try:
            typed = parameters(http.body) if http.body and is_form(http.content_type) and not http.query else {}
        except OAuth2Error:
            return _problem(http, "damaged")
        browser = self._transactions.browser_of(http.cookies)
        asked = await self._transactions.read(typed.get("transaction", ""), browser)
        if asked is None:
            return _problem(http, "expired")
        stored = await find_client(self._database, asked.get("client_id", ""))
        # Again, because the client may have been changed since the page was shown.
        refused = self._refused(http, asked, stored)
        if refused is not None or stored is None:
            return refused or _problem(http, "unknown_app")
        return await self._answer_person(http, typed, asked, stored)

    async def _answer_person(
        self, http: BrowserRequest, typed: dict[str, str], asked: dict[str, str], stored: StoredClient
    ) -> Page | Answer:
        name, say = typed.get("username", ""), catalogue(http.language).pages
        try:
            user = await self._sign_in.user(name, typed.get("password", ""), http.address)
        except SignInRefusedError as error:
            if not error.retry_after_seconds:
                return self._page(http, asked, stored, name, say["wrong"](), 401)
            minutes = max(1, round(error.retry_after_seconds / 60))
            again = self._page(http, asked, stored, name, say["too_many_attempts"](minutes=minutes), 429)
            again.headers["Retry-After"] = str(math.ceil(error.retry_after_seconds))
            return again
        except PasswordsBusyError:
            return self._page(http, asked, stored, name, say["busy"](), 503)
        held = Held(stored=stored, user=user)
        server = TokenServer(self._rules, held)
        request = AuthorizeRequest(self._endpoint, asked)
        grant = server.get_consent_grant(request)
        server.ask_for(asked.get("scope"))
        # Without anything to give, Authlib tells the client that access was denied.
        grant_user = user if server.granted_scope else None
        answer: Answer = server.create_authorization_response(request, grant_user=grant_user, grant=grant)
        if held.new_code is not None:
            await put_code(self._database, held.new_code)
        return answer

    def _refused(
        self, http: BrowserRequest, asked: dict[str, str], stored: StoredClient | None
    ) -> Page | Answer | None:
        """What is wrong with the request, when something is."""
        if stored is None:
            return _problem(http, "unknown_app")
        server = TokenServer(self._rules, Held(stored=stored))
        try:
            refuse_unsupported(asked, stored.client)
            server.get_consent_grant(AuthorizeRequest(self._endpoint, asked))
        except OAuth2Error as error:
            if error.redirect_uri:
                return server.handle_error_response(None, error)
            # The app's own fault, in the words of its standard: for who wrote it.
            return _page_of(http, error.description)
        return None

    def _page(
        self,
        http: BrowserRequest,
        asked: dict[str, str],
        stored: StoredClient,
        username: str = "",
        problem: str = "",
        status: int = 200,
    ) -> Page:
        transaction, cookie = self._transactions.begin(asked, self._transactions.browser_of(http.cookies))
        html = login_page(
            http.language,
            client_name=stored.client.name,
            transaction=transaction,
            username=username,
            problem=problem,
        )
        headers = {**page_headers(http.language, origin_of(asked["redirect_uri"])), "Set-Cookie": cookie}
        return Response(html, status_code=status, media_type="text/html", headers=headers)


def _problem(http: BrowserRequest, sentence: str) -> Page:
    return _page_of(http, catalogue(http.language).pages[sentence]())


def _page_of(http: BrowserRequest, words: str) -> Page:
    html, headers = problem_page(http.language, words), page_headers(http.language)
    return Response(html, status_code=400, media_type="text/html", headers=headers)
