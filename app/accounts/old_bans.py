"""Whom an old system had banned: moderators are asked whether the ban holds here, and until they answer it does not.

A ban needs its rule and its reason here, and nobody whom it binds can have been told them by a file.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.models import Item
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

OLD_BAN = "old_ban"


def ask(session: Session, house: HouseRules, site_id: int, account_id: int) -> bool:
    """Ask the moderators of a site about the old ban of an account, once, whoever it has become since; whether they
    are asked now.
    """
    person = selves.of_mailbox(account_id)
    asked = select(Item.id).where(Item.kind == OLD_BAN, Item.subject_id.in_(person), Item.site_id == site_id)
    if session.scalar(asked.limit(1)) is not None:
        return False
    subject = Subject(OLD_BAN, account_id, site_id, account_id)
    items.open_item(session, OLD_BAN, subject, Cause(OLD_BAN, weight=0.0), sites.rules_at(session, site_id, house))
    return True
