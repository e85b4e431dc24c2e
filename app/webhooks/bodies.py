"""What is sent of an event, put together from what is true at that moment.

So nothing is told of a text that is held, removed or taken back before the letter leaves, and a replay says what is so
now. A reader goes by an id that means nothing elsewhere, at another newspaper included.
"""

from typing import Any

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.digests import digest
from app.models import Account, Comment, Sanction, Site, Story, Webhook, WebhookDelivery
from app.models.comment import PUBLISHED
from app.models.sanction import BAN, is_in_force
from app.models.webhook import READER_BANNED, STORY_OPENED
from app.text import markup
from app.webhooks.events import EVENT_OF_STATE
from config.settings import Settings


def render(session: Session, settings: Settings, webhook: Webhook, delivery: WebhookDelivery) -> bytes:
    """The body, JSON in UTF-8."""
    site = session.get_one(Site, webhook.site_id)
    about = {READER_BANNED: _of_reader, STORY_OPENED: _of_story}.get(delivery.event, _of_comment)
    data = {"site": site.key, **about(session, settings, site, delivery.subject_id)}
    return msgspec.json.encode({"type": delivery.event, "timestamp": delivery.created_at, "data": data})


def _of_comment(session: Session, settings: Settings, site: Site, comment_id: int) -> dict[str, Any]:
    comment = session.get_one(Comment, comment_id)
    story = session.get_one(Story, comment.story_id)
    known: dict[str, Any] = {"id": str(comment.id), "state": EVENT_OF_STATE[comment.state].partition(".")[2]}
    if comment.state != PUBLISHED:
        return {"comment": known, "story": {"id": str(story.id), "key": story.key}}
    author = session.get_one(Account, comment.account_id)
    shown = {
        "url": f"{settings.public_url}/comments/{comment.id}",
        "parent_id": ids.text(comment.parent_id),
        "author": {"id": _reader_id(settings, site, author.id), "name": author.name},
        "text": comment.text,
        "html": markup.render(comment.text),
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }
    return {"comment": known | shown, "story": _story(story)}


def _of_reader(session: Session, settings: Settings, site: Site, account_id: int) -> dict[str, Any]:
    bans = Sanction.account_id == account_id, Sanction.kind == BAN, is_in_force(clock.now())
    banned = session.scalar(select(exists().where(*bans)))
    return {"reader": {"id": _reader_id(settings, site, account_id), "banned": bool(banned)}}


def _of_story(session: Session, _settings: Settings, _site: Site, story_id: int) -> dict[str, Any]:
    return {"story": _story(session.get_one(Story, story_id))}


def _story(story: Story) -> dict[str, Any]:
    return {"id": str(story.id), "key": story.key, "url": story.url, "title": story.title, "state": story.state}


def _reader_id(settings: Settings, site: Site, account_id: int) -> str:
    return digest(settings, "webhook_reader", f"{site.id}:{account_id}")[:32]
