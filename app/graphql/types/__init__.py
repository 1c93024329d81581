"""The types of the schema: descriptions over decoded documents.

A field is the member of the document that has its name; only those with a resolver of their own are more than
that. So this one table says what clients may ask, and how it is answered, by whichever executor.
"""
