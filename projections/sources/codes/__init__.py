"""What native codes mean in our words: one table a standard."""
