"""Invoices and charges over REST: for who pays."""
