"""What a severe verdict entails, at once and without a person: the comment is withheld, its author suspended.

The permanent ban is only proposed (auto_ban = "propose"); with "enforce" it holds at once, and the item for a
moderator's review is open either way.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.language import _, use
from app.models import Account, Comment, Decision, Item
from app.models.comment import WITHHELD
from app.models.sanction import BAN, SUSPENSION
from app.moderation import rulings
from app.moderation.actions import DecisionEffect, Ruling
from app.moderation.ladder import MACHINE, ProposedSanction
from app.moderation.locked_subjects import LockedSubject
from app.review_queue import kinds
from app.signals import families
from app.signals.verdict import Verdict
from app.stories import sites
from config.policy import HouseRules, SiteRules


def enforce(session: Session, house: HouseRules, comment: Comment, verdict: Verdict, item_id: int) -> Decision:
    """Withhold `comment` (new, or locked) on a severe `verdict` and sanction its author (locked by the caller).

    `item_id` is the open item that asks a moderator about it. Writes statement, decision, sanction, ledger and
    letter, and gives the comment its state. The author of an imported comment is not sanctioned.
    """
    account = session.get_one(Account, comment.account_id)
    item = session.get_one(Item, item_id)
    subject = LockedSubject(comment.site_id, kinds.COMMENT, comment.id, account, comment, item)
    rules = sites.rules_at(session, comment.site_id, house)
    rule = rules.rule(verdict.rule or "")
    with use(account.language):
        facts = _(families.strongest(verdict.reasons).facts)
    effect = DecisionEffect(state=WITHHELD, sanction=_sanction(rules) if comment.origin == "site" else None)
    return rulings.carry_out(session, house, subject, Ruling(None, "withhold", rule, facts), effect)


def _sanction(rules: SiteRules) -> ProposedSanction:
    if rules.machine.auto_ban == "enforce":
        return ProposedSanction(BAN, None, MACHINE)
    return ProposedSanction(SUSPENSION, timedelta(hours=rules.machine.suspension_hours), MACHINE)
