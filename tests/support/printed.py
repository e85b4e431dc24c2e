"""What our pages print for other people's programs."""

import re

from tests.support.repository import REPOSITORY

OURS = "https://comments.example"


def printed(page: str, language: str, address: str) -> list[str]:
    """The blocks of a page of docs in that language, in order, with our server at `address`."""
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8").replace(OURS, address)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
