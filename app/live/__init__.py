"""What happens, told as it happens: the change feed, and who follows it."""
