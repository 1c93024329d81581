"""Where tests find their servers, their database and the service under test."""

import sys

import structlog

# Said once and for all: a command run in this process must not set logging up for the tests after it.
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

pytest_plugins = [
    "tests.fixtures_servers",
    "tests.fixtures_database",
    "tests.fixtures_service",
    "tests.fixtures_upstream",
    "tests.fixtures_world",
    "tests.fixtures_issuer",
]
