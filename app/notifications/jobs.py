"""The jobs that tell readers what has happened."""

from datetime import timedelta
from typing import Any

from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler, Recurring
from app.notifications import news_letters, recipients
from app.stories import publication

WRITE_LETTERS = "notifications.write_letters"
RECURRING = (Recurring(WRITE_LETTERS, timedelta(minutes=1)),)


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job. What is due at once is written at once, all else when its hour comes."""

    def tell(payload: dict[str, Any]) -> None:
        with it.database.transaction() as session:
            comment_id, zone = int(payload["comment_id"]), it.house.zone
            recipients.tell_of_comment(session, comment_id, zone, waited=payload["waited"])
            if not payload["edited"]:
                recipients.tell_followers(session, comment_id, zone)
            queue.enqueue(session, WRITE_LETTERS, unique_key=WRITE_LETTERS)

    def tell_reporters(payload: dict[str, Any]) -> None:
        with it.database.transaction() as session:
            recipients.tell_of_reports(session, int(payload["item_id"]), it.house.zone)
            queue.enqueue(session, WRITE_LETTERS, unique_key=WRITE_LETTERS)

    return {
        publication.TELL: tell,
        recipients.TELL_REPORTERS: tell_reporters,
        WRITE_LETTERS: lambda _payload: news_letters.write_due(it.database),
    }
