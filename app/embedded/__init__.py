"""Real Postgres and Valkey from wheels, for the demo and the tests; production brings its own servers."""

from app.embedded.errors import EmbeddedUnavailable
from app.embedded.servers import Servers, start

__all__ = ["EmbeddedUnavailable", "Servers", "start"]
