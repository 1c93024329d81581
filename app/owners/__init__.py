"""Asking the system that owns a shipment, when what we have of it is stale: shown now, and taken in like all it says."""
