"""What has happened is written down here, by whoever makes it happen, in the same transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import Comment, Webhook, WebhookDelivery
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.webhook import COMMENT_HELD, COMMENT_PUBLISHED, COMMENT_REMOVED

# to a newspaper's systems a comment is there, is not there yet or any more, or is gone
EVENT_OF_STATE = {
    PUBLISHED: COMMENT_PUBLISHED,
    HELD: COMMENT_HELD,
    WITHHELD: COMMENT_HELD,
    REMOVED: COMMENT_REMOVED,
    DELETED: COMMENT_REMOVED,
}


def record(session: Session, site_id: int, event: str, subject_id: int) -> None:
    """Have every webhook of the site told that wants to know. The subject is locked by the caller, or new.

    One statement where there is no webhook. Ids of one subject follow each other, whatever the clocks of two machines.
    """
    # no webhook goes before this is committed; whoever sends there is not waited for
    there = select(Webhook.id, Webhook.events).where(Webhook.site_id == site_id).order_by(Webhook.id)
    now = clock.now()
    for webhook_id, events in session.execute(there.with_for_update(read=True, key_share=True)).all():
        if event in events:
            ours = WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.subject_id == subject_id
            last = session.scalar(select(func.max(WebhookDelivery.id)).where(*ours)) or 0
            delivery = WebhookDelivery(id=max(new_id(), last + 1), webhook_id=webhook_id, event=event)
            delivery.subject_id, delivery.next_at = subject_id, now
            delivery.asked_at = delivery.created_at = now
            session.add(delivery)
            session.flush()


def record_state(session: Session, comment: Comment, before: str | None) -> None:
    """The same of a comment (locked or new) whose state was `before`, if that means something out there.

    What is imported was there before, and nobody is told of it.
    """
    event = EVENT_OF_STATE[comment.state]
    is_history = before is None and comment.origin == "import"
    if not is_history and event != EVENT_OF_STATE.get(before or ""):
        record(session, comment.site_id, event, comment.id)
