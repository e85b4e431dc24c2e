"""What a severe verdict entails, at once and without a person: the comment is withheld until a moderator decides.

What becomes of its author meanwhile is one key of the policy (`machine.severe`). By the shipped rules nothing, unless
they post again what a person has removed from them. The item for a moderator is open in any case.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts import ranks
from app.language import _, mark, use
from app.models import Account, Comment, Decision, Item
from app.models.comment import WITHHELD
from app.models.sanction import BAN, SUSPENSION
from app.moderation import rulings
from app.moderation.actions import DecisionEffect, Ruling
from app.moderation.ladder import MACHINE, ProposedSanction
from app.moderation.locked_subjects import LockedSubject
from app.review_queue import kinds
from app.screening import repeats
from app.signals import families
from app.signals.verdict import Verdict
from app.stories import sites
from config.policy import HouseRules
from config.rules import Rule, SiteRules

REPEATED = mark("A moderator has removed the same from this author before, under the same rule.")


def enforce(session: Session, house: HouseRules, comment: Comment, verdict: Verdict, item_id: int) -> Decision:
    """Withhold `comment` (new, or locked) on a severe `verdict` and sanction its author (locked by the caller), if the
    rules of its site say so.

    `item_id` is the open item that asks a moderator about it. Writes statement, decision, sanction, ledger and
    letter, and gives the comment its state. The author of an imported comment is not sanctioned.
    """
    account = session.get_one(Account, comment.account_id)
    item = session.get_one(Item, item_id)
    subject = LockedSubject(comment.site_id, kinds.COMMENT, comment.id, account, comment, item)
    rules = sites.rules_at(session, comment.site_id, house)
    rule = rules.rule(verdict.rule or "")
    repeated = rule is not None and _is_repeated(session, comment, rule, rules)
    with use(account.language, house.language):
        facts = " ".join([_(families.strongest(verdict.reasons).facts), *([_(REPEATED)] if repeated else [])])
    is_ground = comment.origin == "site" and verdict.read is not False and (repeated or verdict.read is True)
    # software has no rank: whether staff may go on is for people above them
    is_ground = is_ground and not ranks.is_staff(session, account.id)
    effect = DecisionEffect(state=WITHHELD, sanction=_sanction(rules, repeated) if is_ground else None)
    return rulings.carry_out(session, house, subject, Ruling(None, "withhold", rule, facts), effect)


def _is_repeated(session: Session, comment: Comment, rule: Rule, rules: SiteRules) -> bool:
    asked = rules.machine.severe == "suspend_on_repeat" and comment.origin == "site"
    return asked and repeats.is_repeated(session, comment, rule, rules)


def _sanction(rules: SiteRules, repeated: bool) -> ProposedSanction | None:
    severe = rules.machine.severe
    if severe == "withhold" or (severe == "suspend_on_repeat" and not repeated):
        return None
    if severe == "ban":
        return ProposedSanction(BAN, None, MACHINE)
    return ProposedSanction(SUSPENSION, timedelta(hours=rules.machine.suspension_hours), MACHINE)
