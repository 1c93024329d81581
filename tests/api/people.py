"""People who sign in at the running service, by the login page, as a browser does."""

from auth.issuer.clients import Client, create_public_client
from auth.issuer.users import User, create_user
from projections.database import DatabaseRole, open_pool
from tests.fixtures_issuer import BACK, PASSWORD, VERIFIER, asked, told, transaction_in
from tests.fixtures_service import Service

APP = "people"


async def tokens_of(service: Service, user: User) -> dict[str, str]:
    """The token response after a sign-in of this person, who is made known first."""
    async with await open_pool(service.settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        await create_user(pool, user, PASSWORD)
        await create_public_client(pool, Client(APP, APP, user.scopes, redirect_uris=(BACK,)))
    page = await service.http.get("/oauth/authorize", params=asked(client_id=APP, scope=" ".join(user.scopes)))
    form = {"transaction": transaction_in(page.text), "username": user.username, "password": PASSWORD}
    code = told(await service.http.post("/oauth/authorize", data=form))["code"]
    return await _token(service, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)


async def refreshed(service: Service, tokens: dict[str, str]) -> dict[str, str]:
    """The tokens that follow."""
    return await _token(service, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def _token(service: Service, **form: str) -> dict[str, str]:
    answer = await service.http.post("/oauth/token", data={"client_id": APP, **form})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
