"""Where a comment is read in its context: on a page of ours, and under the article that carries the comments."""

from app.models import Story
from app.stories import stories
from app.stories.sites import SiteSnapshot


def ours(public_url: str, comment_id: int) -> str:
    """The address of a comment on our own page, which works without a script."""
    return f"{public_url}/comments/{comment_id}"


def landing(public_url: str, site: SiteSnapshot, story: Story, comment_id: int) -> str:
    """Where a reader lands whom a letter or a notification calls to a comment of `story`, at `site`.

    That is the article, as far as we know that the comments stand there, at an address that is the newspaper's still;
    the element finds the comment by the fragment (docs/embed.md). Else it is our own page.
    """
    if not story.embedded or not stories.is_of(site, story.url):
        return ours(public_url, comment_id)
    return f"{story.url.partition('#')[0]}#comment-{comment_id}"


def conversation(public_url: str, site: SiteSnapshot, story: Story) -> str:
    """The same for all comments of a story."""
    if not story.embedded or not stories.is_of(site, story.url):
        return f"{public_url}/stories/{story.id}"
    return story.url
