"""What the API says of stories, comments and standing. Ids are strings, as JavaScript cannot hold 64 bits."""

from datetime import datetime, time, tzinfo
from typing import Annotated

import msgspec

from app import clock, ids
from app.accounts.standing import Standing
from app.models import Story
from app.stories import permalinks, terms
from app.text import markup, tree
from app.text.tree import Node
from app.threads.thread_comments import Author, ThreadComment
from config.rules import SiteRules

Hour = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["07:30"])]


class Hours(msgspec.Struct):
    """The hours of each day within which comments are taken, by the paper's clocks; a later one first is over night."""

    opens: Hour
    closes: Hour


class StoryView(msgspec.Struct):
    """A story; `comment_count` counts what is published, `pick_count` the editors' picks among it, and `pinned` is the
    id of the comment that stands first; `common_ground_count` conversations begin with common ground, which readers who
    usually disagree both respect. `title` is empty until the paper has named it. `open`: whether it takes comments now,
    as far as its `state`, `hours` and end (`closes_at`) say, until `changes_at` (null: that does not change by itself);
    `slow_seconds` lie between two comments of one reader; `message` is the paper's word before the place to write in;
    `title_only`: a subscription of another newspaper of the house is not enough.
    """

    id: str
    key: str
    url: str
    title: str
    state: str
    open: bool
    changes_at: datetime | None
    hours: Hours | None
    closes_at: datetime | None
    slow_seconds: int
    message: str
    title_only: bool
    comment_count: int
    pick_count: int
    common_ground_count: int
    pinned: str | None


class AuthorView(msgspec.Struct):
    """Who wrote a comment; `staff` of the paper or not; `wrote_story`: the article is theirs.

    `name_checked`: where the paper has names compared, whether theirs is the one they pay under (or is excepted).
    """

    id: str
    name: str
    staff: bool
    wrote_story: bool
    name_checked: bool


class AnsweredView(msgspec.Struct):
    """The comment that another answers; without a name if it is not shown."""

    id: str
    name: str | None


class CommentView(msgspec.Struct):
    """A comment with its replies. Without `author` and text it is a tombstone; `state` says why, and `rule` (an id)
    under which rule a moderator removed it. `html` and `tree` are the same text: HTML that is safe on a page, and for
    who parses none.

    `conversation_count`, of a comment that answers none, is how many replies there are below it. `in_reply_to` is there
    where the nesting does not say what it answers. `more` is the cursor with which `/comments/{id}/replies` goes on.
    `picked`: it is an editor's pick; `common_ground`: readers who usually disagree both respect it.
    """

    id: str
    story_id: str
    parent_id: str | None
    root_id: str
    depth: int
    state: str
    rule: str | None
    author: AuthorView | None
    html: str | None
    tree: list[Node | str] | None
    revision: int
    created_at: datetime
    edited_at: datetime | None
    respects: int
    conversation_count: int
    picked: bool
    common_ground: bool
    permalink: str
    in_reply_to: AnsweredView | None = None
    more: str | None = None
    replies: list["CommentView"] = []


class RuleView(msgspec.Struct):
    """A rule that readers must keep to; reports name it by its id."""

    id: str
    title: str
    text: str


class SiteRulesView(msgspec.Struct):
    """What who writes at a site needs to know: the rules, how long texts may be, how long they can be edited and
    reacted to, and (`disagreement`) whether readers are asked who disagrees.
    """

    rules: list[RuleView]
    comment_characters: int
    note_characters: int
    edit_minutes: int
    reaction_days: int
    disagreement: bool


class StandingView(msgspec.Struct):
    """ "good", or the gravest sanction in force and its end (null: until it is lifted or acknowledged)."""

    kind: str
    until: datetime | None


def site_rules(rules: SiteRules, *, reaction_days: int, disagreement: bool) -> SiteRulesView:
    """The view of the rules at a site, how old a comment may be to be reacted to, and whether by `disagreement`."""
    return SiteRulesView(
        [RuleView(rule.id, rule.title, rule.text) for rule in rules.rules],
        rules.limits.comment_characters,
        rules.limits.report_note_characters,
        rules.limits.edit_minutes,
        reaction_days,
        disagreement,
    )


def standing(found: Standing) -> StandingView:
    """The view of a reader's standing."""
    return StandingView(found.kind, found.until)


def story(found: Story, zone: tzinfo) -> StoryView:
    """The view of a story; `zone` is the paper's."""
    opening = terms.opening(found, clock.now(), zone)
    return StoryView(
        str(found.id),
        found.key,
        found.url,
        found.title,
        found.state,
        opening.is_open,
        opening.until,
        hours(found.opens, found.closes),
        found.closes_at,
        found.slow_seconds,
        found.message,
        found.title_only,
        found.comment_count,
        found.pick_count,
        found.common_ground_count,
        ids.text(found.pinned_id),
    )


def hours(opens: time | None, closes: time | None) -> Hours | None:
    """The view of hours, if there are any."""
    return Hours(opens.isoformat("minutes"), closes.isoformat("minutes")) if opens and closes else None


def comments(found: list[ThreadComment], public_url: str, rules: SiteRules) -> list[CommentView]:
    """The views of comments with their replies; the nesting is as deep as the page's."""
    return [comment(one, public_url, rules) for one in found]


def comment(found: ThreadComment, public_url: str, rules: SiteRules) -> CommentView:
    """The view of one comment with its replies, by the policy of its site."""
    answered = found.in_reply_to
    return CommentView(
        id=str(found.id),
        story_id=str(found.story_id),
        parent_id=ids.text(found.parent_id),
        root_id=str(found.root_id),
        depth=found.depth,
        state=found.state,
        rule=found.rule,
        author=author(found.author, rules) if found.author else None,
        html=markup.render(found.text) if found.text is not None else None,
        tree=tree.of(found.text) if found.text is not None else None,
        revision=found.revision,
        created_at=found.created_at,
        edited_at=found.edited_at,
        respects=found.respect_count,
        conversation_count=found.conversation_count,
        picked=found.picked,
        common_ground=found.common_ground > 0,
        permalink=permalinks.ours(public_url, found.id),
        in_reply_to=AnsweredView(str(answered.id), answered.name) if answered else None,
        more=ids.text(found.more),
        replies=comments(found.replies, public_url, rules),
    )


def author(found: Author, rules: SiteRules) -> AuthorView:
    """The view of who wrote a comment, by the policy of its site."""
    checked = found.name_checked and rules.payments.names != "free"
    return AuthorView(str(found.id), found.name, found.staff, found.wrote_story, checked)
