"""Lays the comments of one conversation out as a tree of limited depth."""

from collections.abc import Iterable

from app.threads.thread_comments import Answered, ThreadComment


def nest(comments: Iterable[ThreadComment], levels: int) -> list[ThreadComment]:
    """The topmost of `comments` (in order of position), each with its replies, at most `levels` deep below it.

    A reply beyond that is shown flat at the deepest level and says what it answers; so does one whose parent is not
    shown, which goes to the nearest ancestor that is. A reply that is not visible is left out.
    """
    top: list[ThreadComment] = []
    hosts: dict[int, ThreadComment] = {}  # where the replies to a comment go
    places: dict[int, ThreadComment] = {}  # what a nested comment hangs on
    for comment in comments:
        host = hosts.get(comment.parent_id) if comment.parent_id is not None else None
        if host is None:
            hosts[comment.id] = comment
            top.append(comment)
        elif not comment.visible:
            hosts[comment.id] = host
        else:
            while host.level >= levels:
                host = places[host.id]
            if host.id != comment.parent_id:
                comment.in_reply_to = _answered(hosts, comment)
            comment.level = host.level + 1
            host.replies.append(comment)
            hosts[comment.id], places[comment.id] = comment, host
    return top


def _answered(hosts: dict[int, ThreadComment], comment: ThreadComment) -> Answered | None:
    if comment.parent_id is None:
        return None
    parent = hosts[comment.parent_id]  # itself, or what stands in for it if it is not visible
    name = parent.author.name if parent.author and parent.id == comment.parent_id else None
    return Answered(comment.parent_id, name)
