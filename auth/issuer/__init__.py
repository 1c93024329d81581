"""The embedded authorization server: for the demo, the tests and small installations.

One module per concern; a grant, an endpoint or a kind of credential to come gets its own beside these.
"""
