"""Access tokens as an attacker would make them: each is wrong in a way that must be seen."""

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.signed_tokens import assemble, sign

ALGORITHMS = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}
NAMES = ["none", "None", "nOnE", "NONE", "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "ES256K", "ES384",
         "EdDSA", "Ed25519", "RSA1_5", "dir", "A128KW", "", " ES256", "es256", "ES256\0", "../../etc/passwd", "x" * 2_000,
         None, True, 0, 5.5, [], ["ES256"], {}, {"alg": "ES256"}]  # fmt: skip
KIDS = ["../../../../dev/null", "/etc/passwd", "' or '1'='1", "x' union select 'key'--", "; ls", "$(id)", "x" * 6_000, "", " ",
        "\0", "kid\r\nX-Evil: 1", "ключ", "🚚" * 100, "http://127.0.0.1:1/key", "file:///dev/null", 0, -1, 1.5, True, [], ["ec"],
        {}, {"kid": "ec"}]  # fmt: skip
TYPES = ["JWT", "jwt", "id_token+jwt", "at+jws", "logout+jwt", "dpop+jwt", "", "at+jwt ", "at\0+jwt", "application/jwt", None, 1,
         True, [], ["at+jwt"], {}]  # fmt: skip
# Of a token rightly signed: what may not be believed all the same.
CLAIMS: dict[str, list[Any]] = {
    "exp": ["1e99", "tomorrow", "", -1, -1e300, 0, 1, 1e300, 10**400, True, None, [], {}, 1_500_000_000.5],
    "nbf": ["now", 4_000_000_000, -5, True, [], 10**30, None],
    "iat": ["now", 4_000_000_000, -5, True, [], {}, None, 10**30],
    "aud": [None, "", [], {}, 5, True, "https://other.example", ["https://other.example"], [5], [None], [[]], "🚚", "x" * 3_000],
    "iss": [None, "", 5, [], {}, "https://evil.example", "http://localhost:8000/", "🚚"],
    "sub": [None, "", 5, [], {}, True, "x" * 300],
    "client_id": [None, "", 5, [], {}, True, "x" * 300],
    "scope": [5, True, [], ["shipments:read"], {}, None],
    "tenant": ["", 5, True, [], {}, "two words", "nordwind\n", "nord\0wind", "ñordwind", "*", "a}:b", "x" * 65, "' or 1=1"],
    "accounts": ["nordwind", 5, {}, [""], [None], ["a b"], ["suedwind"], [["nordwind"]], True],
    "sources": ["/", 5, ["erp"], ["/erp"], [None], {}, ["//\n"]],
    "jti": [5, [], {}, True],
}  # fmt: skip
# Rightly signed and believed, but good for nothing here: 403.
POOR = [{"scope": ""}, {"scope": "SHIPMENTS:READ"}, {"scope": "shipments:read\0"}, {"scope": "orders:read shipments"},
        {"tenant": ...}, {"scope": "🚚 shipments:rea"}]  # fmt: skip

Trick = Callable[["Forger"], "str | bytes"]


class Forger:
    """Makes forgeries, the same ones of the same seed, knowing the issuer's public keys and how it signs."""

    def __init__(self, seed: int, keys: list[Key], claims: dict[str, Any]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable is the point
        self.keys = keys
        self.claims = claims
        self._number = 0

    def token(self) -> bytes:
        made = self.random.choice(TRICKS)(self)
        return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")

    def fresh(self) -> dict[str, Any]:
        """Good claims that no token had before."""
        self._number += 1
        return self.claims | {"jti": f"forged-{self._number}"}

    def key(self) -> Key:
        return self.random.choice(self.keys)

    def good(self, claims: Any = None, **header: Any) -> str:
        """A token rightly signed, which what is done to it makes wrong."""
        key = self.key()
        return sign(claims if claims is not None else self.fresh(), alg=ALGORITHMS[key.key_type], key=key, **header)

    def raw(self, header: Any, payload: Any = None, signature: bytes | None = None) -> bytes:
        """A token of parts that nobody signed."""
        header = header if isinstance(header, bytes) else json.dumps(header).encode()
        payload = json.dumps(self.fresh()).encode() if payload is None else payload
        return assemble(header, payload, self.random.randbytes(64) if signature is None else signature)

    def header(self, **changes: Any) -> dict[str, Any]:
        key = self.key()
        return {"alg": ALGORITHMS[key.key_type], "typ": "at+jwt", "kid": key.kid} | changes


def unsigned(forger: Forger) -> bytes:
    name = forger.random.choice(["none", "None", "NONE", "nOnE"])
    return forger.raw(forger.header(alg=name), signature=forger.random.choice([b"", b"x", b"\0" * 64]))


def public_key_as_secret(forger: Forger) -> bytes:
    """HMAC keyed with what everybody knows, in every spelling a careless library might use."""
    key, name = forger.key(), forger.random.choice(["HS256", "HS384", "HS512"])
    public = key.as_dict(private=False)
    pem = key.as_pem(private=False)
    secrets = [
        pem,
        pem.strip(),
        json.dumps(public).encode(),
        key.as_der(private=False),
        b"",
        public.get("x", "").encode(),
    ]
    signed = forger.raw({"alg": name, "typ": "at+jwt", "kid": key.kid}, signature=b"").rstrip(b".")
    digest = hmac.new(forger.random.choice(secrets), signed, getattr(hashlib, name.replace("HS", "sha"))).digest()
    return signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")


def another_algorithm(forger: Forger) -> bytes:
    return forger.raw(forger.header(alg=forger.random.choice(NAMES)))


def keys_mixed_up(forger: Forger) -> str:
    """Signed by a key of one kind in the name of another."""
    strangers = {"ES256": STRANGERS[0], "RS256": STRANGERS[1], "EdDSA": STRANGERS[2]}
    alg = forger.random.choice([*strangers])
    return sign(forger.fresh(), alg=alg, key=strangers[alg], kid=forger.key().kid)


def key_id(forger: Forger) -> str:
    key = STRANGERS[0]
    return sign(forger.fresh(), key=key, kid=forger.random.choice([*KIDS, None]))


def header_with_a_key(forger: Forger) -> str:
    """A token that brings the key it wants to be verified with."""
    key = STRANGERS[0]
    url = "http://127.0.0.1:1/keys"
    public = key.as_dict(private=False)
    brought = forger.random.choice(
        [{"jwk": public}, {"jku": url}, {"x5u": url}, {"x5c": ["AAAA"]}, {"jwk": public, "jku": url}, {"x5t": "AA"}]
    )
    return sign(forger.fresh(), key=key, kid=forger.random.choice([forger.key().kid, key.kid]), **brought)


def kind(forger: Forger) -> str:
    return forger.good(typ=forger.random.choice(TYPES))


def extension(forger: Forger) -> str:
    return forger.good(
        **forger.random.choice(
            [
                {"crit": ["exp"]},
                {"crit": []},
                {"crit": "b64"},
                {"b64": False, "crit": ["b64"]},
                {"b64": False},
                {"b64": True},
            ]
        )
    )


def claim(forger: Forger) -> str:
    name = forger.random.choice([*CLAIMS])
    value = forger.random.choice(CLAIMS[name])
    claims = forger.fresh()
    if value is None and name in ("exp", "iat", "aud", "iss", "sub", "client_id") and forger.random.random() < 0.5:
        del claims[name]
    elif value is None and name in ("nbf", "scope"):
        claims[name] = {"no": "thing"}
    else:
        claims[name] = value
    return forger.good(claims)


def number_that_is_none(forger: Forger) -> str:
    name, value = (
        forger.random.choice(["exp", "iat", "nbf"]),
        forger.random.choice(["NaN", "Infinity", "-Infinity", "1e999", "-0x1", "01"]),
    )
    return forger.good(json.dumps(forger.fresh() | {name: "@"}).replace('"@"', value).encode())


def said_twice(forger: Forger) -> str | bytes:
    """A member twice, the bad one last, in the claims or in the header."""
    if forger.random.random() < 0.5:
        twice = json.dumps(forger.fresh())[:-1] + f', "{forger.random.choice(["aud", "iss"])}": "evil"}}'
        return forger.good(twice.encode())
    return forger.raw(json.dumps(forger.header())[:-1].encode() + b', "alg": "none"}', signature=b"")


def poor(forger: Forger) -> str:
    changes = forger.random.choice(POOR)
    return forger.good({name: value for name, value in (forger.fresh() | changes).items() if value is not ...})


def broken_json(forger: Forger) -> str | bytes:
    pieces = [b"{", b"[", b"", b"null", b"5", b'"x"', b"{}", b"[]", b'{"a":}', b"\xff\xfe", b"{" * 3_000, b"[" * 5_000, b'{"x":' + b"[" * 4_000,
              '{"alg":"ES256"}'.encode("utf-16"), b'{"sub":"\\ud800"}', b"\xef\xbb\xbf{}", b"{'alg':'ES256'}"]  # fmt: skip
    piece = forger.random.choice(pieces)
    return forger.good(piece) if forger.random.random() < 0.5 else forger.raw(piece)


def changed(forger: Forger) -> bytes:
    """One byte of a good token changed to another of the alphabet, so that another text results."""
    token = bytearray(forger.good().encode())
    position = forger.random.randrange(len(token) - 2)
    token[position] = forger.random.choice([c for c in b"ABCxyz019-_." if c != token[position]])
    return bytes(token)


def cut(forger: Forger) -> bytes:
    token = forger.good().encode()
    return token[: forger.random.randrange(1, len(token) - 2)]


def dots(forger: Forger) -> str:
    token = forger.good()
    header, payload, signature = token.split(".")
    return forger.random.choice(
        [f"{token}.", f".{token}", f"{header}..{signature}", f"..{signature}", f"{header}.{payload}", f"{header}.{payload}.", "..",
         ".", "." * 500, f"{token}.{token}", f"{header}.{payload}.{signature}.{signature}.x", f"{payload}.{header}.{signature}"]
    )  # fmt: skip


def huge(forger: Forger) -> str | bytes:
    return forger.random.choice(
        [b"x" * 9_000, forger.good(forger.fresh() | {"pad": "x" * 9_000}), forger.good(pad="x" * 9_000)]
    )


def noise(forger: Forger) -> bytes:
    return b"x" + forger.random.randbytes(forger.random.randrange(1, 200)).replace(b"\n", b"").replace(b"\r", b"")


def words(forger: Forger) -> str:
    letters = "abcdefABCDEF0123456789-_.~+/=ñ🚚\u202e\x00 "
    return "x" + "".join(forger.random.choices(letters, k=forger.random.randrange(1, 300))) + "x"


TRICKS: list[Trick] = [
    unsigned, public_key_as_secret, another_algorithm, keys_mixed_up, key_id, header_with_a_key, kind, extension, claim, claim,
    number_that_is_none, said_twice, poor, broken_json, changed, cut, dots, huge, noise, words,
]  # fmt: skip

# Keys of nobody the service knows.
STRANGERS: list[Key] = [
    ECKey.generate_key("P-256", parameters={"kid": "stranger"}),
    RSAKey.generate_key(2048, parameters={"kid": "stranger-rsa"}),
    OKPKey.generate_key("Ed25519", parameters={"kid": "stranger-okp"}),
]


def good_claims(issuer: str, audience: str) -> dict[str, Any]:
    now = int(time.time())
    named = {"sub": "app", "client_id": "app", "scope": "shipments:read", "tenant": "nordwind"}
    return {"iss": issuer, "aud": audience, "iat": now, "exp": now + 3_600, **named}
