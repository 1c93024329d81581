"""What a customer sees of one order: its lines, and how far its shipments have brought them."""
