"""What search engines are told of a story's comments: schema.org in JSON-LD, as Google documents it for comments.

It is of the article, whose comments are discussed at a page of ours. What is not published has no part in it: where a
comment left a tombstone, its replies hang on what it answered.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from app.models import Story
from app.stories import permalinks, stories
from app.threads.thread_comments import ThreadComment


def of_thread(public_url: str, page: str, story: Story, comments: Sequence[ThreadComment]) -> dict[str, Any]:
    """A story, and the comments that the page of that address shows."""
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": stories.headline(story),
        "url": story.url,
        "discussionUrl": page,
        "commentCount": story.comment_count,
        "comment": list(_published(public_url, comments)),
    }


def _published(public_url: str, comments: Sequence[ThreadComment]) -> Iterator[dict[str, Any]]:
    for each in comments:
        replies = _published(public_url, each.replies)
        if each.author is None:
            yield from replies
        else:
            yield {
                "@type": "Comment",
                "url": permalinks.ours(public_url, each.id),
                "author": {"@type": "Person", "name": each.author.name},
                "text": each.text,
                "dateCreated": each.created_at.isoformat(),
                **({"dateModified": each.edited_at.isoformat()} if each.edited_at else {}),
                "comment": list(replies),
            }
