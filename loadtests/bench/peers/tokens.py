"""Whose request it is, by PyJWT."""

import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

_keys = jwt.PyJWKSet.from_json(os.environ["PEER_JWKS"])
_bearer = HTTPBearer()


def tenant_of(token: str) -> str:
    """The tenant a valid token speaks for. Raises jwt.PyJWTError, KeyError."""
    claims = jwt.decode(
        token,
        _keys[jwt.get_unverified_header(token)["kid"]],
        algorithms=["ES256"],
        issuer=os.environ["PEER_ISSUER"],
        audience=os.environ["PEER_AUDIENCE"],
    )
    return str(claims["tenant"])


def current_tenant(credentials: Annotated[HTTPAuthorizationCredentials, Depends(_bearer)]) -> str:
    try:
        return tenant_of(credentials.credentials)
    except (jwt.PyJWTError, KeyError):
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from None


CurrentTenant = Annotated[str, Depends(current_tenant)]
