"""Ratios of this service to the limit of its machine, measured side by side in one run: `make bench`."""
