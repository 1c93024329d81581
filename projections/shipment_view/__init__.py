"""What a customer sees of one shipment."""
