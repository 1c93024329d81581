"""The proof that no customer sees another's byte: an outsider's, over HTTP, against whatever is deployed.

It knows the vocabulary of events and what the service says of itself at `/openapi.json`; never the
database, and nothing of how reads are made.
"""
