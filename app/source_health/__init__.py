"""How well each source is heard and what became of its messages: for operators, of no tenant."""
