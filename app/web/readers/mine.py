"""What is one reader's own in a story: the small call beside the body that everyone shares."""

from datetime import datetime, timedelta

import msgspec

from app import formats, ids
from app.accounts.identity import Identity
from app.language import _, mark
from app.models.comment import HELD
from app.notifications import bell
from app.screening import waits
from app.signals import families
from app.signals.family import WaitingReason
from app.stories import permalinks, sites, stories
from app.stories.sites import SiteSnapshot
from app.text import markup, tree
from app.text.tree import Node
from app.threads import mine
from app.threads.mine import Waiting
from app.web.endpoint import endpoint
from app.web.services import services
from app.web.sites import SiteQuery

USUALLY = mark("Usually that takes about %(span)s.")
SHORTEST = timedelta(minutes=2)


class WaitingView(msgspec.Struct):
    """A comment of the caller's that waits for a moderator; `reason` is a code, `sentence` says it to them."""

    id: str
    parent_id: str | None
    state: str
    reason: str
    sentence: str
    text: str
    html: str
    tree: list[Node | str]
    created_at: datetime
    permalink: str


class OwnView(msgspec.Struct):
    """The caller's comments that wait, the ids of those they respect, disagree with and have reported, and of the
    accounts that they have muted. `follow`: whether they follow the story or have muted it ("followed", "muted", null);
    `news`: whether something of what they are told of it is new; `unread`: how much is, at this newspaper.
    """

    waiting: list[WaitingView]
    respects: list[str]
    disagreements: list[str]
    reports: list[str]
    mutes: list[str]
    follow: str | None
    news: bool
    unread: int


@endpoint("GET", "/api/v1/stories/<key:story>/mine", "see_own", asks=SiteQuery, gives={200: OwnView})
def show_own(caller: Identity, query: SiteQuery, story: str) -> OwnView:
    """What of a story is one's own: waiting comments, reactions, reports."""
    return own(caller, sites.by_key(services().database, query.site), story)


def own(caller: Identity, site: SiteSnapshot, key: str) -> OwnView:
    """What of the story of that key is the caller's own; nothing, where nobody has commented yet."""
    with services().database.reading() as session:
        found = stories.find(session, site.id, key)
        theirs = mine.of(session, caller.account_id, found.id) if found else mine.Mine()
        unread = bell.unread(session, caller.account_id, site.id)
    return OwnView(
        waiting=[waiting(comment, site.id) for comment in theirs.waiting],
        respects=[str(comment_id) for comment_id in sorted(theirs.respects)],
        disagreements=[str(comment_id) for comment_id in sorted(theirs.disagreements)],
        reports=[str(comment_id) for comment_id in sorted(theirs.reports)],
        mutes=[str(account_id) for account_id in sorted(theirs.mutes)],
        follow=theirs.follow,
        news=theirs.news,
        unread=unread,
    )


def why(reason: WaitingReason, state: str, site_id: int) -> str:
    """What the author of a comment is told of why it waits, and, if it is held, how long that usually takes."""
    usual = waits.usual(services().database, site_id) if state == HELD else None
    if usual is None:
        return _(reason.author)
    return f"{_(reason.author)} {_(USUALLY, span=formats.span(max(usual, SHORTEST)))}"


def waiting(comment: Waiting, site_id: int) -> WaitingView:
    """The view of a comment, at a site, that its author alone sees."""
    reason = families.waiting(comment.state, comment.reasons, comment.outcome)
    return WaitingView(
        id=str(comment.id),
        parent_id=ids.text(comment.parent_id),
        state=comment.state,
        reason=reason.code,
        sentence=why(reason, comment.state, site_id),
        text=comment.text,
        html=markup.render(comment.text),
        tree=tree.of(comment.text),
        created_at=comment.created_at,
        permalink=permalinks.ours(services().settings.public_url, comment.id),
    )
