"""The declared sources of this installation, from the file its settings name."""

from pathlib import Path

from app.settings import Settings, SettingsError, variable
from projections.sources.declared import DeclaredSource, SourcesFileError, load
from projections.sources.registry import FORMATS


def declared_sources(settings: Settings) -> dict[str, DeclaredSource]:
    """The declared sources by key; none without a file. Raises SettingsError: a wrong file stops the start."""
    if settings.sources_file is None:
        return {}
    try:
        return load(Path(settings.sources_file), FORMATS)
    except SourcesFileError as error:
        raise SettingsError(f"{variable('sources_file')}: {error}") from None
