"""DCSA Track & Trace 2.2 and 3.0: shipment, transport and equipment events of container carriers."""

from projections.sources.dcsa.adapter import dcsa

__all__ = ["dcsa"]
