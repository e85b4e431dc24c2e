"""From the signals of a text to what becomes of the comment: the same for a post, an edit and an imported row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.errors import Conflict
from app.ids import new_id
from app.language import mark
from app.models import Assessment, Comment, Revision, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.review_queue import items
from app.review_queue.items import Subject
from app.screening import enforcement, sampling, signals, verdict
from app.screening.signals import Scoring
from app.screening.verdict import HOLD, NUDGE, PUBLISH, WITHHOLD, Verdict
from app.stories import publication
from config.policy import HouseRules, SiteRules

STATES = {PUBLISH: PUBLISHED, NUDGE: PUBLISHED, HOLD: HELD, WITHHOLD: WITHHELD}
SEVERE = "severe"
SEVERE_WEIGHT = 3.0
# what the author is told about a comment that nobody else sees yet
WAITING = {
    HOLD: mark("Thank you. A moderator reads this comment before it appears."),
    "unscored": mark("Thank you. Our first check did not answer, so a moderator reads this comment before it appears."),
    "premoderated": mark("Thank you. Comments on this story are read by a moderator before they appear."),
    SEVERE: mark(
        "This comment is not shown, and you cannot write for now. The reasons and the appeal are in your account."
    ),
}
NUDGE_SENTENCE = mark("This may hurt or offend other readers. Would you like to put it differently?")


@dataclass(frozen=True)
class Judgement:
    """What the machine makes of one text: the signals, their verdict, who scored, and whether another can be asked."""

    signals: dict[str, Any]
    verdict: Verdict
    scorer: str
    second: bool = False

    @property
    def state(self) -> str:
        """The state that the verdict gives a comment."""
        return STATES[self.verdict.outcome]

    @property
    def reason(self) -> str | None:
        """Why a moderator is asked; None if none is."""
        return None if self.state == PUBLISHED else reason(self.state, self.verdict.reasons)


def reason(state: str, signals_: Sequence[str]) -> str:
    """Why a comment waits for a moderator, a key of WAITING, from the signals that led there, the strongest first."""
    if state == WITHHELD:
        return SEVERE
    strongest = signals_[0] if signals_ else HOLD
    return strongest if strongest in WAITING else HOLD


def judge(scoring: Scoring, story: Story, rules: SiteRules, origin: str = "site") -> Judgement:
    """The judgement on a text under `story`."""
    found = signals.collect(scoring, story, origin)
    return Judgement(found, verdict.decide(found, rules), scoring.scorer, scoring.second)


def ask_again(judgement: Judgement, confirmed: bool) -> None:
    """Raise Conflict "nudge" if the author should think again and has not yet said that they did."""
    if judgement.verdict.outcome == NUDGE and not confirmed:
        attributes = [name.removeprefix("score.") for name in judgement.verdict.reasons]
        raise Conflict("nudge", NUDGE_SENTENCE, rule=judgement.verdict.rule, attributes=attributes)


def carry_out(
    session: Session,
    house: HouseRules,
    rules: SiteRules,
    comment: Comment,
    judgement: Judgement,
    state: str,
) -> None:
    """Write the present text of `comment` (new or locked) as a revision, with what was made of it and all that follows.

    A severe verdict also sanctions the author, whose account must be locked. Last statement: the story's counters.
    """
    revision = Revision(comment_id=comment.id, number=comment.revision, text=comment.text, created_at=clock.now())
    assessment = _assessment(comment, judgement, rules)
    item_id = ask_moderators(session, comment, judgement, rules)
    if judgement.second and state == judgement.state and state != WITHHELD:
        sampling.ask_second(session, rules, comment, assessment)
    if item_id is not None and state == WITHHELD:
        enforcement.enforce(session, house, comment, judgement.verdict, item_id)
        session.add_all((revision, assessment))
        session.flush()
    else:
        publication.set_state(session, comment, state, revision, assessment)


def ask_moderators(session: Session, comment: Comment, judgement: Judgement, rules: SiteRules) -> int | None:
    """The open item about `comment`, if the verdict asks for one."""
    if judgement.reason is None:
        return None
    rule = rules.rule(judgement.verdict.rule or "")
    weight = judgement.verdict.probability * (rule.harm if rule else 1.0)
    if judgement.state == WITHHELD:
        weight *= SEVERE_WEIGHT  # somebody is suspended until it is decided
    subject = Subject.of_comment(comment)
    return items.open_item(session, "comment", subject, judgement.reason, weight=weight, rules=rules)


def _assessment(comment: Comment, judgement: Judgement, rules: SiteRules) -> Assessment:
    return Assessment(
        id=new_id(),
        comment_id=comment.id,
        revision=comment.revision,
        outcome=judgement.verdict.outcome,
        reasons=list(judgement.verdict.reasons),
        signals=judgement.signals,
        scorer=judgement.scorer,
        margin=verdict.margin(judgement.signals, rules),
        created_at=clock.now(),
    )
