"""Which declared sources prove themselves, and with which secrets."""

from collections.abc import Mapping

from projections.sources.declared import DeclaredSource, SourcesFileError
from projections.sources.signature import KeyInHeader, Proof, Signature, SignedBody

LEAST_CHARACTERS = 16
MOST_SECRETS = 2


def proofs_of(
    sources: Mapping[str, DeclaredSource], signatures: Mapping[str, Signature], environ: Mapping[str, str]
) -> dict[str, Proof]:
    """The proofs by key of the sources that have a secret; `signatures` are those their formats bring along.

    Raises SourcesFileError, which names the source and the variable, never its value.
    """
    return {
        key: _proof(key, one, one.secret_env, signatures, environ)
        for key, one in sources.items()
        if one.secret_env is not None
    }


def _proof(
    key: str, one: DeclaredSource, variable: str, signatures: Mapping[str, Signature], environ: Mapping[str, str]
) -> Proof:
    secrets = _secrets(key, variable, environ)
    if one.key_header is not None:
        return KeyInHeader(one.key_header, secrets)
    signature = one.signature or signatures.get(one.format)
    if signature is None:
        raise SourcesFileError(f"{key}: {one.format} brings no signature along; give signature or key_header")
    return SignedBody(signature, secrets)


def _secrets(key: str, variable: str, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    """One, or two while the sender changes from one to the other, with a space between."""
    secrets = environ.get(variable, "").split()
    if not secrets:
        raise SourcesFileError(f"{key}: {variable}, which holds its secret, is not set")
    if len(secrets) > MOST_SECRETS:
        raise SourcesFileError(f"{key}: {variable} holds {len(secrets)} secrets; {MOST_SECRETS} are the most")
    if any(len(secret) < LEAST_CHARACTERS for secret in secrets):
        raise SourcesFileError(f"{key}: a secret in {variable} has fewer than {LEAST_CHARACTERS} characters")
    return tuple(secret.encode("utf-8", "surrogateescape") for secret in secrets)
