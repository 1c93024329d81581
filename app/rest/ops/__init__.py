"""For operators: what is stuck, what was refused, and who is heard."""
