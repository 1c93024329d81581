"""The declared sources of this installation, from the file its settings name."""

import os
from collections.abc import Mapping
from pathlib import Path

from app.settings import Settings, SettingsError, variable
from projections.sources.declared import DeclaredSource, SourcesFileError, load
from projections.sources.proofs import proofs_of
from projections.sources.registry import FORMATS, SIGNATURES
from projections.sources.signature import Proof


def declared_sources(settings: Settings) -> dict[str, DeclaredSource]:
    """The declared sources by key; none without a file. Raises SettingsError: a wrong file stops the start."""
    if settings.sources_file is None:
        return {}
    try:
        return load(Path(settings.sources_file), FORMATS)
    except SourcesFileError as error:
        raise SettingsError(f"{variable('sources_file')}: {error}") from None


def source_proofs(sources: Mapping[str, DeclaredSource]) -> dict[str, Proof]:
    """How those of them that have a secret prove themselves. Raises SettingsError: a missing one stops the start."""
    try:
        return proofs_of(sources, SIGNATURES, os.environ)
    except SourcesFileError as error:
        raise SettingsError(f"{variable('sources_file')}: {error}") from None


def asked_about_shipments(sources: Mapping[str, DeclaredSource]) -> list[DeclaredSource]:
    """Those whose API can be asked about single shipments."""
    return [one for one in sources.values() if one.api is not None and one.api.kind == "shipments"]


def api_token(one: DeclaredSource) -> str | None:
    """The token its API is asked with; None when none is declared. Raises SettingsError for one that is not set."""
    try:
        return one.api.token(os.environ) if one.api else None
    except KeyError as error:
        named = f"{variable('sources_file')}: {one.name}"
        raise SettingsError(f"{named}: {error.args[0]} is not set, which holds the token of its api") from None


def expected_every(sources: Mapping[str, DeclaredSource]) -> dict[str, float]:
    """Seconds by the sources' names, for those that were declared with it; of several under one name the least."""
    expected: dict[str, float] = {}
    for one in sources.values():
        if one.expected_every_seconds is not None:
            expected[one.name] = min(one.expected_every_seconds, expected.get(one.name, one.expected_every_seconds))
    return expected


def formats_of(sources: Mapping[str, DeclaredSource]) -> dict[str, str]:
    """The formats by the sources' names, for those that have one."""
    formats: dict[str, set[str]] = {}
    for one in sources.values():
        formats.setdefault(one.name, set()).add(one.format)
    return {name: next(iter(several)) for name, several in formats.items() if len(several) == 1}
