"""UN/EDIFACT status messages."""

from projections.sources.edifact.adapter import edifact

__all__ = ["edifact"]
