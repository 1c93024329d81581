"""The issuer's SQL by name."""

from typing import Final

from projections.sql import load

SQL: Final = load("auth.issuer")
