"""What could not be taken, what waits, and taking it again."""
