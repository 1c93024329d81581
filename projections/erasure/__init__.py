"""Erasing a person from what was taken in, while what was there can still be proved."""
