"""A page as a reader sees it."""

import re
from html.parser import HTMLParser

SHOWN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "label"}
NOT_SHOWN = {"script", "style", "kbd"}


class Page(HTMLParser):
    """Collects what a reader would see of a page: text, and attributes that are shown or read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in NOT_SHOWN
        self.seen += [value for name, value in attrs if value and name in SHOWN_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in NOT_SHOWN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(data)


def seen(html: str) -> list[str]:
    """The pieces of a page that have letters in them, as a reader sees them."""
    page = Page()
    page.feed(html)
    page.close()
    return [text.strip() for text in page.seen if re.search(r"[^\W\d_]", text)]
