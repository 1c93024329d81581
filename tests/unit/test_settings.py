"""Settings: each wrong one stops the start and names itself."""

import msgspec
import pytest

from app.settings import Settings, SettingsError, load, variable

NEEDED = {"PORTAL_DATABASE_URL": "postgresql://localhost/portal", "PORTAL_REDIS_URL": "redis://localhost/0"}

WRONG = [
    ("database_url", "mysql://localhost/portal"),
    ("redis_url", "http://localhost"),
    ("port", "http"),
    ("port", "65536"),
    ("port", "-1"),
    ("workers", "0"),
    ("workers", "two"),
    ("token_seconds", "1"),
    ("max_event_bytes", "1023"),
    ("max_batch_bytes", "1e9"),
    ("live_seconds", "0"),
    ("live_seconds", "nan"),
    ("stale_seconds", "soon"),
    ("stale_seconds", "inf"),
    ("stalled_seconds", "-5"),
    ("memory_documents", "-1"),
    ("feed_shards", "65"),
    ("rate_limit", "often"),
    ("rate_limit", "10/second;600/minute"),
    ("rate_limit", "0/minute"),
    ("failure_limit", "10"),
    ("proxies", "-1"),
    ("introspection_client_id", "alone"),
    ("blob_url", "https://bucket"),
    ("blob_endpoint", "https://minio.example"),
    ("log_level", "loud"),
    ("log_format", "xml"),
    ("base_url", "portal.example"),
    ("issuer", "issuer.example"),
]


def test_the_two_that_have_no_default_are_enough():
    settings = load(NEEDED)
    assert settings == Settings(database_url=NEEDED["PORTAL_DATABASE_URL"], redis_url=NEEDED["PORTAL_REDIS_URL"])
    assert settings.public_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("name", NEEDED)
def test_a_setting_without_a_default_is_asked_for(name):
    for environ in ({other: value for other, value in NEEDED.items() if other != name}, NEEDED | {name: ""}):
        with pytest.raises(SettingsError, match=f"^{name} is not set$"):
            load(environ)


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_setting_names_itself(field, value):
    with pytest.raises(SettingsError, match=f"^{variable(field)}\\b"):
        load(NEEDED | {variable(field): value})


def test_stale_cannot_begin_before_delayed():
    with pytest.raises(SettingsError, match="PORTAL_STALE_SECONDS must not be below PORTAL_LIVE_SECONDS"):
        load(NEEDED | {"PORTAL_LIVE_SECONDS": "10", "PORTAL_STALE_SECONDS": "9"})


def test_asking_about_tokens_needs_an_issuer_and_both_credentials():
    credentials = {"PORTAL_INTROSPECTION_CLIENT_ID": "portal", "PORTAL_INTROSPECTION_SECRET": "s"}
    with pytest.raises(SettingsError, match="needs PORTAL_ISSUER"):
        load(NEEDED | credentials)
    assert load(NEEDED | credentials | {"PORTAL_ISSUER": "https://issuer.example"}).introspection_client_id == "portal"
    with pytest.raises(SettingsError, match="PORTAL_INTROSPECTION_SECRET"):
        load(NEEDED | {"PORTAL_INTROSPECTION_SECRET": "s", "PORTAL_ISSUER": "https://issuer.example"})


@pytest.mark.parametrize("limit", ["off", "600/minute", "10 per 2 seconds", "1/day"])
def test_limits_are_said_as_slowapi_has_them(limit):
    assert load(NEEDED | {"PORTAL_RATE_LIMIT": limit}).rate_limit == limit


@pytest.mark.parametrize("name", ["PORTAL_DATABASEURL", "PORTAL_", "PORTAL_data_dir"])
def test_an_unknown_variable_is_refused_by_name(name):
    with pytest.raises(SettingsError, match=name):
        load(NEEDED | {name: "x"})


def test_variables_of_others_and_of_the_tests_are_left_alone():
    assert load(NEEDED | {"PATH": "/bin", "XPORTAL_PORT": "x", "PORTAL_TEST_REDIS_URL": "x"}) == load(NEEDED)


def test_a_file_is_read_and_a_variable_wins_over_it(tmp_path):
    file = tmp_path / "portal.toml"
    file.write_text('database_url = "postgres://db/portal"\nredis_url = "redis://r/0"\nport = 9000\nworkers = 2\n')
    settings = load({"PORTAL_CONFIG": str(file), "PORTAL_PORT": "9001"})
    assert (settings.database_url, settings.port, settings.workers) == ("postgres://db/portal", 9001, 2)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port = ", "PORTAL_CONFIG"),
        ("colour = 1", "colour"),
        ("port = 70000", "PORTAL_PORT"),
        ("[port]", "PORTAL_PORT"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, text, named):
    file = tmp_path / "portal.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=named):
        load(NEEDED | {"PORTAL_CONFIG": str(file)})


def test_a_file_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "missing.toml"
    with pytest.raises(SettingsError, match=str(missing)):
        load(NEEDED | {"PORTAL_CONFIG": str(missing)})


def test_no_wrong_value_is_repeated_in_the_message():
    with pytest.raises(SettingsError) as refused:
        load(NEEDED | {"PORTAL_DATABASE_URL": "mysql://user:hunter2@db/portal"})
    assert "hunter2" not in str(refused.value)


def test_every_setting_says_what_it_is_for():
    described = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    assert all(one.get("description") for one in described.values())
    assert described.keys() == set(Settings.__struct_fields__)
