"""Who is named in a comment: "@" and the name of somebody who has written on the same story."""

import re
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.lookalikes import skeleton
from app.models import Account, Comment
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED

MOST = 10
# the words of a name, and the letters of a word (names.MOST_CHARACTERS), that are looked at
_MENTION = re.compile(r"(?<![\w@./])@(?=(\S{1,40}(?: \S{1,40}){0,5}))")
_CLOSING = ".,;:!?)]}\"'»”’…"
# a quote, a block of code, code within a line
_QUOTED = re.compile(r"(?m)^ {0,3}>.*$|^ *```[^`\n]*$(?:.|\n)*?(?:^ *```|\Z)|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")


def in_text(session: Session, story_id: int, text: str) -> list[int]:
    """The accounts that `text` names, of those who have published something on the story; MOST at most.

    Of several names that begin alike the longest is meant. What is quoted names nobody anew. One statement at most.
    """
    mentions = islice(_MENTION.finditer(_QUOTED.sub(" ", text)), MOST)
    candidates = [list(_names(mention[1])) for mention in mentions]
    looks = {look for names in candidates for look in names}
    if not looks:
        return []
    wrote = exists().where(Comment.account_id == Account.id, Comment.story_id == story_id, Comment.state == PUBLISHED)
    found = select(Account.name_skeleton, Account.id).where(Account.name_skeleton.in_(looks), Account.state == ACTIVE)
    known = {row.name_skeleton: row.id for row in session.execute(found.where(wrote))}
    named = (next((known[look] for look in names if look in known), None) for names in candidates)
    return list(dict.fromkeys(account_id for account_id in named if account_id is not None))


def _names(after: str) -> Iterator[str]:
    """What the names that may be meant look like, the longest first."""
    words = after.split(" ")
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        for meant in (name, name.rstrip(_CLOSING), re.sub("['’]s$", "", name.rstrip(_CLOSING))):
            if look := skeleton(meant):
                yield look
