"""A second opinion revises the verdict on a comment.

Both opinions are averaged in logits and judged as one. What follows is what a first verdict would have led to: the
comment is held for a moderator, or a hold that rested on its scores alone is over. Never against a person: whatever
somebody has decided, edited, taken back, reported or closed meanwhile stands, and the opinion is only recorded. It
withholds nothing and sanctions nobody; at most it asks a moderator.
"""

from dataclasses import replace

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import roles, standing
from app.billing import facts
from app.db import find_locked, insert_once
from app.ids import new_id
from app.language import _, use
from app.models import Account, Assessment, Comment, Decision, Item, Notice, Story
from app.models import assessment as effects
from app.models.account import ACTIVE
from app.models.comment import HELD, PUBLISHED
from app.models.item import OPEN
from app.models.report import DISMISSED
from app.models.story import OPEN as WRITABLE
from app.moderation import locked_subjects, rulings
from app.moderation.actions import DecisionEffect, Ruling
from app.moderation.locked_subjects import LockedSubject
from app.review_queue import items, kinds
from app.screening import screen
from app.screening.screen import Screening
from app.signals import toxicity_scores, verdict
from app.signals.family import HOLD, KEPT, NUDGE, PUBLISH, WITHHOLD
from app.signals.unscored import UNKNOWN_PROBABILITY
from app.signals.verdict import Verdict
from app.stories import publication, sites
from app.toxicity.scorer import Scoring, Unavailable
from config.policy import HouseRules
from config.rules import SiteRules

APPROVE, RECONSIDER = "approve", "reconsider"


def revise(session: Session, house: HouseRules, first_id: int, opinion: Scoring) -> None:
    """Record what a second scorer said beside the assessment `first_id`, and do what follows; only once."""
    first = session.get_one(Assessment, first_id)
    comment = session.get_one(Comment, first.comment_id)
    account = locked_subjects.locked(session, Account, comment.account_id)
    comment = locked_subjects.locked(session, Comment, comment.id)
    rules = sites.rules_at(session, comment.site_id, house)
    both = _as_one(first, opinion, rules)
    item = find_locked(session, Item, items.is_open(kinds.COMMENT, kinds.COMMENT, comment.id))
    subject = LockedSubject(comment.site_id, kinds.COMMENT, comment.id, account, comment, item)
    unavailable = isinstance(opinion.result, Unavailable)
    effect = effects.UNAVAILABLE if unavailable else _effect(session, house, first, both, subject)
    if not _record(session, rules, first, both, effect):
        return
    if effect in (effects.HELD, effects.PUBLISHED):
        action, details = f"comment.{RECONSIDER}", {"effect": effect}
        ledger.append(session, ledger.Entry(None, action, kinds.COMMENT, comment.id, comment.site_id, details))
    if effect == effects.HELD:
        screen.ask_moderators(session, comment, both, rules)
        publication.set_state(session, comment, HELD)
    elif effect == effects.PUBLISHED:
        with use(house.language):
            reason = _("A second look by our software found nothing that breaks a rule.")
        ruling = Ruling(None, APPROVE, None, reason)
        rulings.carry_out(session, house, subject, ruling, DecisionEffect(state=PUBLISHED, reports=DISMISSED))


def _as_one(first: Assessment, opinion: Scoring, rules: SiteRules) -> Screening:
    """The two opinions as one, or the first alone. `signals` keep both beside what is judged."""
    signals = toxicity_scores.with_second(first.signals, opinion.result)
    if isinstance(opinion.result, Unavailable):
        stands = Verdict(first.outcome, tuple(first.reasons), None, UNKNOWN_PROBABILITY)  # type: ignore[arg-type]
        return Screening(signals, stands, first.scorer)
    found = verdict.decide(signals, rules)
    found = replace(found, outcome=HOLD) if found.outcome == WITHHOLD else found
    if found.outcome == NUDGE != first.outcome:  # which the author was never asked about
        found = Verdict(PUBLISH, (), None, found.probability)
    return Screening(signals, found, f"{first.scorer}+{opinion.scorer}")


def _record(session: Session, rules: SiteRules, first: Assessment, both: Screening, effect: str) -> bool:
    """Add the second assessment; False if there is one already."""
    return insert_once(
        session,
        Assessment,
        id=new_id(),
        comment_id=first.comment_id,
        revision=first.revision,
        outcome=both.verdict.outcome,
        reasons=list(both.verdict.reasons),
        signals=both.signals,
        scorer=both.scorer,
        margin=toxicity_scores.margin(both.signals, rules),
        revises_id=first.id,
        effect=effect,
        created_at=clock.now(),
    )


def _effect(session: Session, house: HouseRules, first: Assessment, both: Screening, subject: LockedSubject) -> str:
    """What the opinion does to the comment of `subject` (locked)."""
    comment = subject.comment
    assert comment is not None
    if comment.revision != first.revision or _is_decided(session, comment):
        return effects.NOTHING
    if comment.state == PUBLISHED and both.state == HELD:
        return effects.HELD
    if comment.state == HELD and both.state == PUBLISHED and _rests_on_scores(session, house, first, subject):
        return effects.PUBLISHED
    return effects.NOTHING


def _is_decided(session: Session, comment: Comment) -> bool:
    """Whether a person has ever decided on it."""
    about = Decision.subject_type == kinds.COMMENT, Decision.subject_id == comment.id
    return bool(session.scalar(select(exists().where(*about, Decision.actor_id.is_not(None)))))


def _rests_on_scores(session: Session, house: HouseRules, first: Assessment, subject: LockedSubject) -> bool:
    """Whether nothing but the scores that are revised keeps the comment waiting, and its author could post it now."""
    item, account = subject.item, subject.account
    if item is None or item.reasons not in ([HOLD], [KEPT.code]) or item.report_count or account.state != ACTIVE:
        return False
    earlier = exists().where(
        Assessment.comment_id == first.comment_id,
        Assessment.revision < first.revision,
        Assessment.outcome.in_((NUDGE, HOLD, WITHHOLD)),
    )
    notice = exists().where(
        Notice.comment_id == first.comment_id,
        Item.id == Notice.item_id,
        Item.state == OPEN,
    )
    there = select(earlier, notice, Story).join(Comment, Comment.story_id == Story.id)
    held_before, noticed, story = session.execute(there.where(Comment.id == first.comment_id)).one()
    return not held_before and not noticed and _may_write(session, house, account.id, story)


def _may_write(session: Session, house: HouseRules, account_id: int, story: Story) -> bool:
    """Whether the account (locked) could post on the story now, as the gate has it (comments.gate)."""
    if story.state != WRITABLE or not standing.read(session, account_id).good:
        return False
    site = sites.at(session, story.site_id)
    paid_for = replace(site, products=site.own_products) if story.title_only else site
    entitled = facts.entitlement(session, account_id, paid_for, clock.now(), sites.rules_of(site, house))
    return entitled.allowed or roles.are_at(session, account_id, site.id)
