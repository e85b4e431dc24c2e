"""Where the checkout lies whose tests run: the installed program knows of none."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
