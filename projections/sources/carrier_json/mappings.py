"""Reads the carriers' mappings from the package: the only I/O of this adapter."""

import tomllib
from importlib import resources

from projections.sources.carrier_json.mapping import Mapping, MappingError, mapping_of


def load() -> dict[str, Mapping]:
    """All mappings by file name without its ending. Raises MappingError, which names the file."""
    return {
        file.name.removesuffix(".toml"): read(file.name, file.read_text(encoding="utf-8"))
        for file in sorted(resources.files(__package__).joinpath("carriers").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }


def read(name: str, text: str) -> Mapping:
    """One mapping from TOML. Raises MappingError."""
    try:
        return mapping_of(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: {error}") from None
