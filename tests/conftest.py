"""Where tests find their servers, their database and the service under test."""

pytest_plugins = [
    "tests.fixtures_servers",
    "tests.fixtures_database",
    "tests.fixtures_service",
    "tests.fixtures_upstream",
    "tests.fixtures_world",
    "tests.fixtures_issuer",
]
