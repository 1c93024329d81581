"""REST: `hot.py` serves single documents, the rest is ordinary Litestar handlers. `operations.py` lists them all."""
