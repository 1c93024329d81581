"""Instants on the command line, as everywhere: RFC 3339, with their offset."""

from datetime import datetime

import msgspec
import rich_click as click

from projections.values import Instant


def instant(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """An option's callback."""
    try:
        return None if value is None else msgspec.convert(value, Instant)
    except msgspec.ValidationError:
        raise click.BadParameter("give a time with its offset, such as 2026-03-02T08:00:00Z") from None
