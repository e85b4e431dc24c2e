"""POST /api/v1/preview: what a text would look like as a comment."""

import msgspec

from app.accounts.identity import Identity
from app.stories import sites
from app.text import cleaning, markup, tree
from app.text.tree import Node
from app.web import forms
from app.web.endpoint import endpoint, refuses
from app.web.services import services
from app.web.sites import SiteQuery, rules_of


class PreviewText(forms.Body):
    """A text as it is typed."""

    text: str


class PreviewView(msgspec.Struct):
    """The text as HTML that is safe on a page, and as a tree."""

    html: str
    tree: list[Node | str]


@endpoint("POST", "/api/v1/preview", "see_own", takes=PreviewText, asks=SiteQuery, gives={200: PreviewView})
@refuses("empty", "not_text", "too_long")
def show_preview(_caller: Identity, body: PreviewText, query: SiteQuery) -> PreviewView:
    """What a text would look like as a comment. Nothing is kept, and nothing is judged."""
    rules = rules_of(sites.by_key(services().database, query.site))
    text = cleaning.comment(body.text, rules.limits.comment_characters)
    return PreviewView(markup.render(text), tree.of(text))
