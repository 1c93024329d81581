"""`python -m app.cli`: the portal command without its launcher."""

from app.cli.main import main

main()
