import multiprocessing

import pytest
from joserfc.jwk import ECKey

from auth.issuer.signing_key import load_or_create_signing_key, verification_key


def thumbprint_of(path):
    return load_or_create_signing_key(path).kid


def test_a_key_is_made_once_and_read_afterwards(tmp_path):
    path = tmp_path / "deep" / "issuer.jwk"
    first = load_or_create_signing_key(path)
    assert first.is_private
    assert first.kid == first.thumbprint()
    assert load_or_create_signing_key(path).as_dict(private=True) == first.as_dict(private=True)


def test_only_its_owner_can_read_the_key(tmp_path):
    path = tmp_path / "issuer.jwk"
    load_or_create_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_that_others_can_read_is_refused_by_name(tmp_path):
    path = tmp_path / "issuer.jwk"
    load_or_create_signing_key(path)
    path.chmod(0o644)
    with pytest.raises(ValueError, match=r"issuer\.jwk.*chmod 600"):
        load_or_create_signing_key(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"not json",
        b'{"kty":"oct","k":"AA"}',
        b'{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}',
    ],
)
def test_a_file_that_holds_no_key_is_refused_by_name(tmp_path, content):
    path = tmp_path / "issuer.jwk"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ValueError, match=r"issuer\.jwk"):
        load_or_create_signing_key(path)


def test_a_public_key_is_no_signing_key(tmp_path):
    path = tmp_path / "issuer.jwk"
    path.write_bytes(ECKey.generate_key("P-256").as_pem(private=False))
    path.chmod(0o600)
    with pytest.raises(ValueError, match=r"issuer\.jwk"):
        load_or_create_signing_key(path)


def test_processes_that_start_at_once_end_up_with_the_same_key(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        thumbprints = pool.map(thumbprint_of, [tmp_path / "issuer.jwk"] * 8, chunksize=1)
    assert len(set(thumbprints)) == 1


def test_the_public_half_holds_nothing_secret(tmp_path):
    public = verification_key(load_or_create_signing_key(tmp_path / "issuer.jwk"))
    assert not public.key.is_private
    assert "d" not in public.key.as_dict()
