"""EPCIS 2.0 in JSON-LD (GS1 EPCIS 2.0, CBV 2.0): what happened to which logistic units, where and in which step."""

from projections.sources.epcis.adapter import epcis

__all__ = ["epcis"]
