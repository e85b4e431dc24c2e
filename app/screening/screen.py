"""From the signals of a text to what becomes of the comment: the same for a post, an edit and an imported row."""

from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter
from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import Assessment, Comment, Revision
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.review_queue.kinds import COMMENT
from app.screening import enforcement, sampling
from app.signals import families, toxicity_scores, verdict
from app.signals.family import HOLD, NUDGE, PUBLISH, WITHHOLD, WaitingReason, WrittenText
from app.signals.verdict import Verdict
from app.stories import publication
from config.policy import HouseRules
from config.rules import SiteRules

# a nudge that comes so far was answered: its author has kept the text as it is
STATES = {PUBLISH: PUBLISHED, NUDGE: HELD, HOLD: HELD, WITHHOLD: WITHHELD}
SEVERE_WEIGHT = 3.0
SIGNALS = Counter("btl_signals_total", "Texts of comments, by the signals that led to their verdict", ("signal",))


@dataclass(frozen=True)
class Screening:
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
    def reason(self) -> WaitingReason | None:
        """Why a moderator is asked; None if none is."""
        if self.state == PUBLISHED:
            return None
        return families.waiting(self.state, self.verdict.reasons, self.verdict.outcome)


def judge(text: WrittenText, rules: SiteRules) -> Screening:
    """What the machine makes of a text."""
    found = families.collect(text)
    return Screening(found, verdict.decide(found, rules), text.scoring.scorer, text.scoring.second)


def carry_out(
    session: Session,
    house: HouseRules,
    rules: SiteRules,
    comment: Comment,
    screening: Screening,
    state: str,
) -> None:
    """Write the present text of `comment` (new or locked) as a revision, with what was made of it and all that follows.

    A severe verdict may also sanction the author, whose account must be locked. Last statement: the story's counters.
    """
    revision = Revision(comment_id=comment.id, number=comment.revision, text=comment.text, created_at=clock.now())
    assessment = _assessment(comment, screening, rules)
    item_id = ask_moderators(session, comment, screening, rules)
    # held for another reason than its verdict (by an earlier text's), no second scorer could let it go
    if screening.second and state == screening.state and state != WITHHELD:
        sampling.ask_second(session, rules, comment, assessment)
    if item_id is not None and state == WITHHELD:
        enforcement.enforce(session, house, comment, screening.verdict, item_id)
        session.add_all((revision, assessment))
        session.flush()
    else:
        publication.set_state(session, comment, state, revision, assessment)
    for name in screening.verdict.reasons:
        SIGNALS.labels(name).inc()


def ask_moderators(session: Session, comment: Comment, screening: Screening, rules: SiteRules) -> int | None:
    """The open item about `comment`, if the verdict asks for one."""
    if screening.reason is None:
        return None
    rule = rules.rule(screening.verdict.rule or "")
    weight = screening.verdict.probability * (rule.harm if rule else 1.0)
    if screening.state == WITHHELD:
        weight *= SEVERE_WEIGHT  # taken down, and somebody may be suspended, on a machine's word alone
    cause = Cause(screening.reason.code, weight)
    return items.open_item(session, COMMENT, Subject.of_comment(comment), cause, rules)


def _assessment(comment: Comment, screening: Screening, rules: SiteRules) -> Assessment:
    return Assessment(
        id=new_id(),
        comment_id=comment.id,
        revision=comment.revision,
        outcome=screening.verdict.outcome,
        reasons=list(screening.verdict.reasons),
        signals=screening.signals,
        scorer=screening.scorer,
        margin=toxicity_scores.margin(screening.signals, rules),
        created_at=clock.now(),
    )
