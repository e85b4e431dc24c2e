"""A sanction of the ladder rests on all the strikes before it: when one of them falls, a moderator looks at it again.

It is not lifted by itself: who decided saw the whole record, and may think it right for other reasons.
"""

from sqlalchemy.orm import Session

from app import clock
from app.models import Sanction
from app.models.sanction import BAN, SUSPENSION
from app.moderation import rulings, strikes
from app.moderation.ladder import LADDER, ProposedSanction, points_in_force, sanction_for
from app.moderation.locked_subjects import LockedSubject
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.review_queue.kinds import ACCOUNT
from app.stories import sites
from config.policy import HouseRules

REASON = "strike_revoked"
WEIGHT = 1.0


def after_revocation(session: Session, house: HouseRules, subject: LockedSubject) -> None:
    """Ask about the account of `subject` if the strikes that are left no longer lead to what the ladder imposed."""
    account_id, rules = subject.account.id, sites.rules_at(session, subject.site_id, house)
    led_to = sanction_for(points_in_force(strikes.of(session, account_id), clock.now()), rules)
    by_ladder = rulings.in_force(account_id).where(Sanction.source == LADDER, Sanction.kind.in_((SUSPENSION, BAN)))
    if any(_outdoes(sanction, led_to) for sanction in session.scalars(by_ladder)):
        about_account = Subject.of_account(account_id, subject.site_id)
        items.open_item(session, ACCOUNT, about_account, Cause(REASON, WEIGHT), rules)


def _outdoes(sanction: Sanction, led_to: ProposedSanction | None) -> bool:
    length = sanction.ends_at - sanction.starts_at if sanction.ends_at else None
    return led_to is None or ProposedSanction(sanction.kind, length).gravity > led_to.gravity
