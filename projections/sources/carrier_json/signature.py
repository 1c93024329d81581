"""Whether a webhook's body was signed by who knows the secret."""

import base64
import hashlib
import hmac

from projections.sources.carrier_json.mapping import Mapping


def verify_signature(mapping: Mapping, secret: bytes, body: bytes, header_value: str | None) -> bool:
    """Compare the header with the body's HMAC (RFC 2104), in a time that tells nothing of where they differ.

    The header may hold several signatures, comma-separated, while a secret is changed; one must fit. False without a
    header, a secret, or a signature in the mapping: what cannot be checked is not signed.
    """
    expected = mapping.signature
    if expected is None or header_value is None or not secret:
        return False
    digest = hmac.new(secret, body, getattr(hashlib, expected.algorithm)).digest()
    text = digest.hex() if expected.encoding == "hex" else base64.b64encode(digest).decode()
    fits = False
    for given in header_value.split(","):
        written = given.strip()
        if written.startswith(expected.prefix):
            bare = written.removeprefix(expected.prefix)
            bare = bare.lower() if expected.encoding == "hex" else bare
            fits |= hmac.compare_digest(bare.encode("utf-8", "surrogatepass"), text.encode())
    return fits
