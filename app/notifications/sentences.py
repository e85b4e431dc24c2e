"""What readers are told, in words: on the bell and in letters. Letters name nobody and quote nothing."""

from dataclasses import dataclass

from app.language import _, form
from app.models import Story
from app.models.report import DISMISSED, UPHELD
from app.notifications.bell import Told
from app.stories import stories


@dataclass
class Line:
    """What a letter tells of one story: how much of which kind, the first of it, and what became of reports."""

    kind: str
    count: int
    story: Story | None
    subject_id: int | None = None
    outcome: str | None = None


def told(told: Told) -> str:
    """A notification as the bell says it."""
    known = {"name": told.name or "", "story": _title(told.story)}
    match told.notification.kind:
        case "reply":
            return _("%(name)s has answered you on “%(story)s”.", **known)
        case "mention":
            return _("%(name)s has mentioned you on “%(story)s”.", **known)
        case "published":
            return _("Your comment on “%(story)s” has been read by a moderator and is published.", **known)
        case "pick":
            return _("An editor has picked your comment on “%(story)s”.", **known)
        case "decision":
            return _("A decision about you has been taken. Read the reasons, and how to appeal.")
    return _outcome(told.outcome, told.story)


def followed(story: Story, new: int) -> str:
    """A story that one follows as the bell says it."""
    sentence = form("A new comment on “%(story)s”.", "%(count)s new comments on “%(story)s”.", new)
    return sentence % {"count": new, "story": _title(story)}


def subject(lines: list[Line]) -> str:
    """What a letter is about."""
    if len(lines) > 1:
        return _("News from the comments")
    line = lines[0]
    match line.kind:
        case "reply":
            return form("Somebody has answered you", "You have been answered several times", line.count)
        case "mention":
            return form("Somebody has mentioned you", "You have been mentioned several times", line.count)
        case "published":
            return form("Your comment is published", "Comments of yours are published", line.count)
        case "pick":
            return form("An editor has picked your comment", "Editors have picked comments of yours", line.count)
        case "report":
            return form("Your report has been answered", "Your reports have been answered", line.count)
    return form("A new comment on a story that you follow", "New comments on a story that you follow", line.count)


def worded(line: Line, address: str) -> str:
    """A line of a letter, with the address that leads there."""
    return f"{_line(line)}\n{address}"


def _line(line: Line) -> str:
    known = {"count": line.count, "story": _title(line.story)}
    match line.kind:
        case "reply":
            sentence = form("A reply to you on “%(story)s”:", "%(count)s replies to you on “%(story)s”:", line.count)
        case "mention":
            sentence = form(
                "You are mentioned on “%(story)s”:", "You are mentioned %(count)s times on “%(story)s”:", line.count
            )
        case "published":
            sentence = form(
                "Your comment on “%(story)s” is published:",
                "%(count)s comments of yours on “%(story)s” are published:",
                line.count,
            )
        case "pick":
            sentence = form(
                "An editor has picked your comment on “%(story)s”:",
                "Editors have picked %(count)s comments of yours on “%(story)s”:",
                line.count,
            )
        case "follow":
            sentence = form("A new comment on “%(story)s”:", "%(count)s new comments on “%(story)s”:", line.count)
        case _:
            return _outcome(line.outcome, line.story, line.count)
    return sentence % known


def _outcome(outcome: str | None, story: Story | None, count: int = 1) -> str:
    if story is None:
        sentence = _of_names(outcome, count)
    else:
        sentence = _of_comments(outcome, count)
    return sentence % {"count": count, "story": _title(story)}


def _of_names(outcome: str | None, count: int) -> str:
    if outcome == UPHELD:
        return form(
            "You reported a name. A moderator has looked at it and has acted.",
            "You reported %(count)s names. A moderator has looked at them and has acted.",
            count,
        )
    if outcome == DISMISSED:
        return form(
            "You reported a name. A moderator has looked at it, and it stays.",
            "You reported %(count)s names. A moderator has looked at them, and they stay.",
            count,
        )
    return form(
        "You reported a name. A moderator is looking at it once more.",
        "You reported %(count)s names. A moderator is looking at them once more.",
        count,
    )


def _of_comments(outcome: str | None, count: int) -> str:
    if outcome == UPHELD:
        return form(
            "You reported a comment on “%(story)s”. A moderator has looked at it and has acted.",
            "You reported %(count)s comments on “%(story)s”. A moderator has looked at them and has acted.",
            count,
        )
    if outcome == DISMISSED:
        return form(
            "You reported a comment on “%(story)s”. A moderator has looked at it, and it stays.",
            "You reported %(count)s comments on “%(story)s”. A moderator has looked at them, and they stay.",
            count,
        )
    return form(
        "You reported a comment on “%(story)s”. A moderator is looking at it once more.",
        "You reported %(count)s comments on “%(story)s”. A moderator is looking at them once more.",
        count,
    )


def _title(story: Story | None) -> str:
    return stories.headline(story) if story else ""
