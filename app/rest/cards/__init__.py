"""Status cards: one line about a shipment for a CRM, `serving.py`, and tokens that open just one, `tokens.py`."""
