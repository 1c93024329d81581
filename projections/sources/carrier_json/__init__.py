"""Carriers' webhooks in JSON, each by a mapping of its own: `carriers/*.toml`, which `mappings.load` reads."""

from projections.sources.carrier_json.adapter import carrier_json
from projections.sources.carrier_json.mapping import Mapping, MappingError

__all__ = ["Mapping", "MappingError", "carrier_json"]
