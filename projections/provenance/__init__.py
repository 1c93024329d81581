"""Where each field of a shipment is from: who said it, by which rule it counts, and what lost against it."""
