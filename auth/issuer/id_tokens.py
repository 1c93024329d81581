"""ID tokens (OpenID Connect Core, section 2): who signed in, for the client that asked with the scope `openid`."""

import time
from typing import Any

from auth.issuer.access_tokens import TokenRules, tenancy_claims
from auth.issuer.families import SpentCode
from auth.issuer.signed import sign
from auth.issuer.users import User


def id_token(rules: TokenRules, client_id: str, code: SpentCode, user: User) -> str:
    """A signed ID token for the client that the code was given to."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": rules.issuer,
        "sub": user.subject,
        "aud": client_id,
        "iat": now,
        "exp": now + rules.lifetime_seconds,
        "auth_time": int(code.signed_in_at.timestamp()),
        "preferred_username": user.username,
        **tenancy_claims(user),
    }
    if code.nonce is not None:
        claims["nonce"] = code.nonce
    return sign(rules.keys, "JWT", claims)
