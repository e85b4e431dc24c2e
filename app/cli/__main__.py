"""`python -m app.cli` is `btl`."""

from app.cli.main import main

main()
