"""Reconciliation: a snapshot of the system that owns a thing, compared with what we know; what differs comes in as events."""
