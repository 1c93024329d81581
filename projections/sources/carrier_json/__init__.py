"""Carriers' webhooks in JSON, each by a mapping of its own: `carriers/*.toml`, which `mappings.load` reads."""

from projections.sources.carrier_json.adapter import carrier_json
from projections.sources.carrier_json.mapping import Mapping, MappingError
from projections.sources.carrier_json.signature import verify_signature

__all__ = ["Mapping", "MappingError", "carrier_json", "verify_signature"]
