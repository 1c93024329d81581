import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey

from auth.errors import Forbidden, IssuerUnavailable, Unauthorized
from auth.keys import verification_keys
from auth.policy import may_speak_for, require
from tests.signed_tokens import AUDIENCE, KEYS, NOW, Clock, assemble, claims, sign, static_keys, verifier


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
async def test_a_good_token_names_its_bearer(alg):
    principal = await verifier().verify(sign(claims(), alg=alg))
    assert (principal.subject, principal.client_id, principal.tenant) == ("partner-app", "partner-app", "acme")
    assert principal.accounts == ("acme",)
    assert principal.scopes == {"shipments:read", "orders:read"}
    assert principal.expires_at == NOW + 3600
    assert principal.sources == ()


async def test_a_parent_distributor_has_several_accounts_and_the_first_is_its_tenant():
    principal = await verifier().verify(sign(claims(tenant=None, accounts=["acme", "bolt", "acme"])))
    assert (principal.tenant, principal.accounts) == ("acme", ("acme", "bolt"))


async def test_the_tenant_leads_the_accounts_it_is_one_of():
    principal = await verifier().verify(sign(claims(tenant="bolt", accounts=["acme", "bolt"])))
    assert (principal.tenant, principal.accounts) == ("bolt", ("bolt", "acme"))


async def test_an_operator_has_no_tenant():
    principal = await verifier().verify(sign(claims(tenant=None, scope="ops:read")))
    assert (principal.tenant, principal.accounts) == (None, ())


async def test_a_source_speaks_only_for_its_prefixes():
    principal = await verifier().verify(sign(claims(tenant=None, scope="events:write", sources=["/erp/", "/wms/"])))
    assert may_speak_for(principal, "/erp/main")
    assert not may_speak_for(principal, "/erp-of-somebody-else/main")
    assert not may_speak_for(principal, "/tms/main")


async def test_one_source_prefix_can_stand_for_all_and_none_for_nothing():
    everything = await verifier().verify(sign(claims(sources=["/"])))
    nothing = await verifier().verify(sign(claims()))
    assert may_speak_for(everything, "/tms/main")
    assert not may_speak_for(nothing, "/tms/main")


async def test_a_missing_scope_is_named():
    principal = await verifier().verify(sign(claims()))
    require(principal, "shipments:read")
    with pytest.raises(Forbidden) as refusal:
        require(principal, "ops:replay")
    assert refusal.value.missing_scope == "ops:replay"
    assert refusal.value.www_authenticate == 'Bearer realm="portal", error="insufficient_scope", scope="ops:replay"'


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
async def test_the_type_of_an_access_token_is_accepted_in_any_spelling(typ):
    assert await verifier().verify(sign(claims(), typ=typ))


async def test_the_portal_may_be_one_audience_of_several():
    assert await verifier().verify(sign(claims(aud=["https://other.example", AUDIENCE])))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": []},
        {"aud": None},
        {"aud": {"portal": True}},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 10**400},
        {"iat": None},
        {"iat": NOW + 31},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"client_id": None},
        {"nbf": NOW + 31},
        {"nbf": "now"},
        {"scope": 5},
        {"scope": ["shipments:read"]},
        {"tenant": ""},
        {"tenant": 5},
        {"tenant": "acme\n"},
        {"tenant": "acme}:bolt"},
        {"tenant": None, "accounts": "acme"},
        {"tenant": None, "accounts": [""]},
        {"tenant": "acme", "accounts": ["bolt"]},
        {"sources": "/"},
        {"sources": ["/erp"]},
        {"sources": ["erp/"]},
    ],
    ids=str,
)
async def test_a_signed_token_with_a_bad_claim_is_refused(changes):
    with pytest.raises(Unauthorized):
        await verifier().verify(sign(claims(**changes)))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": 5},
        {"kid": "unknown"},
        {"kid": None},
        {"kid": "../../etc/passwd"},
        {"kid": "ec' or '1'='1"},
        {"crit": ["exp"], "exp": NOW},
        {"crit": []},
        {"b64": True},
        {"b64": False, "crit": ["b64"]},
    ],
    ids=str,
)
async def test_a_signed_token_with_a_bad_header_is_refused(header):
    with pytest.raises(Unauthorized):
        await verifier().verify(sign(claims(), **header))


async def test_a_token_without_a_key_id_is_accepted_when_there_is_one_key():
    assert await verifier(keys=static_keys(KEYS["ES256"])).verify(sign(claims(), kid=None))


async def test_a_token_signed_by_another_key_is_refused():
    forger = ECKey.generate_key("P-256", parameters={"kid": "ec"})
    with pytest.raises(Unauthorized):
        await verifier().verify(sign(claims(), key=forger))


async def test_a_key_that_the_token_brings_along_is_ignored():
    forger = ECKey.generate_key("P-256", parameters={"kid": "ec"})
    brought = {
        "jwk": forger.as_dict(private=False),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/x",
    }
    with pytest.raises(Unauthorized):
        await verifier().verify(sign(claims(), key=forger, **brought))
    assert await verifier().verify(sign(claims(), **brought))


@pytest.mark.parametrize("kid", ["ec", "rsa", "okp", None])
async def test_an_unsigned_token_is_refused(kid):
    header = json.dumps({"alg": "none", "typ": "at+jwt", "kid": kid}).encode()
    for signature in (b"", b"x"):
        with pytest.raises(Unauthorized):
            await verifier().verify(assemble(header, json.dumps(claims()).encode(), signature))


async def test_a_public_key_used_as_a_shared_secret_is_refused():
    public = KEYS["RS256"].as_pem(private=False)
    for kid in ("rsa", "ec", "okp"):
        shared = OctKey(public, public, {"kid": kid})
        with pytest.raises(Unauthorized):
            await verifier().verify(sign(claims(), alg="HS256", key=shared))


@pytest.mark.parametrize("alg", ["RS384", "PS256", "RS512"])
async def test_an_algorithm_that_is_not_pinned_is_refused_even_from_the_right_key(alg):
    with pytest.raises(Unauthorized):
        await verifier().verify(sign(claims(), alg=alg, key=KEYS["RS256"]))


async def test_the_algorithm_of_another_key_is_refused():
    token = sign(claims(), alg="ES256", kid="rsa")
    with pytest.raises(Unauthorized, match="another algorithm"):
        await verifier().verify(token)


async def test_a_token_of_more_than_8_kib_is_refused_though_it_is_rightly_signed():
    assert await verifier().verify(sign(claims(padding="x" * 5_000)))
    with pytest.raises(Unauthorized, match="too large"):
        await verifier().verify(sign(claims(padding="x" * 7_000)))


def test_only_keys_that_are_safe_to_verify_with_are_taken():
    offered = [
        OctKey.generate_key(256).as_dict(),
        ECKey.generate_key("P-384").as_dict(),
        OKPKey.generate_key("X25519").as_dict(),
        {**KEYS["ES256"].as_dict(private=False), "use": "enc"},
        {**KEYS["ES256"].as_dict(private=False), "alg": "ES512"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        {"kty": ["RSA"]},
        {},
        {**KEYS["RS256"].as_dict(private=True), "key_ops": ["sign"]},
    ]
    taken = verification_keys(offered)
    assert [(key.kid, key.algorithm) for key in taken.values()] == [("rsa", "RS256")]
    assert not taken["rsa"].key.is_private


async def test_clocks_may_differ_by_the_leeway():
    clock = Clock()
    token = sign(claims(exp=NOW + 60, nbf=NOW, iat=NOW))
    for skew in (-30, 0, 60, 89):
        clock.now = NOW + skew
        assert await verifier(clock).verify(token)
    for skew in (-31, 90):
        clock.now = NOW + skew
        with pytest.raises(Unauthorized):
            await verifier(clock).verify(token)


async def test_an_expired_token_is_told_from_a_bad_one():
    with pytest.raises(Unauthorized) as refusal:
        await verifier().verify(sign(claims(exp=NOW - 31)))
    assert refusal.value.code == "expired_token"
    assert refusal.value.www_authenticate == (
        'Bearer realm="portal", error="invalid_token", error_description="The token has expired."'
    )


async def test_a_request_without_a_token_gets_the_bare_challenge():
    for header in (None, b"", b"Basic YTpi", b"bearer"):
        with pytest.raises(Unauthorized) as refusal:
            await verifier().authenticate(header)
        if header != b"bearer":
            assert refusal.value.code == "missing_token"
            assert refusal.value.www_authenticate == 'Bearer realm="portal"'


async def test_the_scheme_may_be_spelt_in_any_case():
    assert await verifier().authenticate(b"bEARER " + sign(claims()).encode())


async def test_a_verified_token_is_remembered_until_it_expires():
    clock = Clock()
    portal = verifier(clock)
    header = b"Bearer " + sign(claims(exp=NOW + 60)).encode()
    assert portal.cached(header) is None
    principal = await portal.authenticate(header)
    assert portal.cached(header) is principal
    clock.now = NOW + 60
    assert portal.cached(header) is None


async def test_a_refused_token_is_not_remembered():
    portal = verifier()
    header = b"Bearer " + sign(claims(aud="https://other.example")).encode()
    with pytest.raises(Unauthorized):
        await portal.authenticate(header)
    assert portal.cached(header) is None


async def test_the_oldest_token_is_forgotten_when_too_many_are_remembered():
    portal = verifier(cached_tokens_max=2)
    headers = [b"Bearer " + sign(claims(sub=str(number))).encode() for number in range(3)]
    for header in headers:
        await portal.authenticate(header)
    assert [portal.cached(header) is not None for header in headers] == [False, True, True]


async def test_keys_that_were_never_seen_are_not_the_fault_of_the_token():
    class Unreachable:
        async def find(self, kid):
            raise IssuerUnavailable(kid)

        def on_withdrawn(self, hear):
            del hear

    with pytest.raises(IssuerUnavailable):
        await verifier(keys=Unreachable()).verify(sign(claims()))


GOOD = sign(claims()).encode()
HEADER = json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": "ec"}).encode()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "cty"]),
    st.sampled_from(["ES256", "RS256", "EdDSA", "none", "HS256", "at+jwt", "ec", "rsa", "okp", ""]) | JSON,
)


async def only_refused(token: str | bytes) -> None:
    with pytest.raises(Unauthorized) as refusal:
        await verifier().verify(token)
    assert refusal.value.www_authenticate.isascii()


@given(st.binary(max_size=300) | st.text(max_size=300))
@example(b"")
@example(b"..")
@example(b"...")
@example("\ud800")
@example(b"\xff\xfe.\xff.\xff")
@example(b"a" * 9000)
@example(assemble(b"[" * 5000, b"{}"))
@example(assemble(b'{"alg":"ES256","typ":"at+jwt","kid":"ec","x":' + b"[" * 5000, b"{}"))
@example(assemble(b'{"alg":"ES256","typ":"at+jwt","kid":"ec","x":' + b"9" * 5000 + b"}", b"{}"))
@example(assemble(b'["alg","b64"]', b"{}"))
@example(assemble(b'{"alg":"ES256","typ":"at+jwt","kid":"ec","x":"\xff"}', b"{}"))
@example(assemble(b'{"alg":"ES256","typ":"at+jwt","kid":"\\ud800"}', b"{}"))
@example(assemble(HEADER, b"{}", b""))
@example(assemble(HEADER, b"{}", b"\0" * 64))
@example(assemble(HEADER.decode().encode("utf-16"), b"{}"))
@settings(max_examples=300, deadline=None)
async def test_no_bytes_but_a_good_token_are_more_than_refused(token):
    await only_refused(token)


@given(HEADERS, JSON, st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
async def test_no_forged_header_is_more_than_refused(header, payload, signature):
    await only_refused(assemble(json.dumps(header).encode(), json.dumps(payload).encode(), signature))


@given(st.dictionaries(st.sampled_from([*claims(), "nbf", "accounts", "sources"]), JSON, min_size=1))
@settings(max_examples=200, deadline=None)
async def test_any_claims_that_are_rightly_signed_are_accepted_or_refused_and_nothing_else(changes):
    payload = json.dumps(claims() | changes).encode()
    try:
        principal = await verifier().verify(sign(payload))
    except Unauthorized:
        return
    assert principal.tenant in (*principal.accounts, None)


@given(st.binary(max_size=100))
@example(b"[" * 5000)
@example(b'{"x":' + b"[" * 5000)
@example(b'{"sub":"\\ud800"}')
@example(b"null")
@settings(max_examples=100, deadline=None)
async def test_no_signed_payload_but_claims_is_more_than_refused(payload):
    await only_refused(sign(payload))


@given(st.integers(min_value=0, max_value=len(GOOD) - 1), st.integers(min_value=1, max_value=255))
@settings(max_examples=300, deadline=None)
async def test_a_token_changed_in_one_byte_is_refused(position, flip):
    changed = bytearray(GOOD)
    changed[position] ^= flip
    await only_refused(bytes(changed))
