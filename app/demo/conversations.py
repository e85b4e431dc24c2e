"""What was said, respected, reported and decided under each story."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from app import clock
from app.accounts import sanctions, standing
from app.comments import posting, reactions
from app.comments.posting import Destination, Draft
from app.demo import gazette
from app.demo.history import Event, World
from app.demo.newspaper import LegalNotice, Remark, Ruling, Story
from app.models import Item, Sanction, Statement
from app.models.comment import PUBLISHED
from app.models.item import OPEN as UNDECIDED
from app.models.sanction import WARNING
from app.models.story import CLOSED, PREMODERATED
from app.moderation import appeals, decisions, notices, picks, reports
from app.moderation.decisions import Intent
from app.stories import stories
from app.toxicity.scorer import Scoring

EDITOR = "seun"
LONGEST_RESPECT_HOURS = 30.0
PUT_FORWARD_AFTER = timedelta(hours=3)


def events(world: World, scored: dict[str, Scoring]) -> Iterator[Event]:
    """What happens under the stories. `scored`: what the scorer says of each text."""
    for story in world.paper.stories:
        published = world.ago(story.days_ago)
        yield Event(published, partial(_publish, world, story))
        for hours, state in ((story.closed_after, CLOSED), (story.premoderated_after, PREMODERATED)):
            if hours is not None:
                yield Event(published + timedelta(hours=hours), partial(_turn, world, story, state))
        for moment, remark, answered in story.told(world.now):
            yield Event(moment, partial(_post, world, story, remark, answered, scored[remark.text]))
            yield from _responses(world, moment, remark)


def _responses(world: World, moment: datetime, remark: Remark) -> Iterator[Event]:
    if remark.respects:
        yield Event(moment + timedelta(seconds=1), partial(_respect, world, moment, remark))
    for complaint in remark.reports:
        report = partial(_report, world, remark, complaint.by, complaint.rule, complaint.note)
        yield Event(moment + timedelta(hours=complaint.after), report)
    if remark.picked_by:
        yield Event(moment + PUT_FORWARD_AFTER, partial(_pick, world, remark, remark.picked_by))
    if remark.pinned_by:
        yield Event(moment + PUT_FORWARD_AFTER, partial(_pin, world, remark, remark.pinned_by))
    if remark.notice:
        yield Event(world.ago(remark.notice.days_ago), partial(_notify, world, remark, remark.notice))
    if remark.decision:
        decided = moment + timedelta(hours=remark.decision.after)
        yield Event(decided, partial(_decide, world, remark, remark.decision))
        if remark.decision.acknowledged_after is not None:
            hours = remark.decision.acknowledged_after
            yield Event(decided + timedelta(hours=hours), partial(_acknowledge, world, remark.by))
        if remark.decision.appeal:
            appealed = world.ago(remark.decision.appealed_days_ago)
            yield Event(appealed, partial(_appeal, world, remark, remark.decision.appeal))


def _publish(world: World, story: Story) -> None:
    """The paper puts an article on its site, which signs what it is called."""
    naming = gazette.signed(world.it.settings, world.site, story)
    with world.it.database.transaction() as session:
        stories.ensure(session, world.site, story.key, naming)


def _turn(world: World, story: Story, state: str) -> None:
    with world.it.database.transaction() as session:
        found = stories.ensure(session, world.site, story.key, gazette.signed(world.it.settings, world.site, story))
        stories.turn(session, world.accounts[EDITOR], found, state)


def _post(world: World, story: Story, remark: Remark, answered: Remark | None, scoring: Scoring) -> None:
    parent_id = world.comments[answered.text] if answered else None
    destination, draft = Destination(world.site, story.key, parent_id), Draft(remark.text.strip(), scoring)
    with world.it.database.transaction() as session:
        posted = posting.post(session, world.accounts[remark.by], destination, draft, world.it.house)
        world.comments[remark.text] = posted.comment.id


def _respect(world: World, moment: datetime, remark: Remark) -> None:
    """Within the next hours, each at a moment of their own."""
    chance = random.Random(remark.text)  # noqa: S311
    left, comment_id = (world.now - moment) / timedelta(hours=1), world.comments[remark.text]
    with world.it.database.transaction() as session:
        for key in chance.sample([key for key in _respectful(world) if key != remark.by], remark.respects):
            after = timedelta(hours=min(LONGEST_RESPECT_HOURS, left) * chance.random() ** 2)
            with clock.pretend(moment + after):
                reactions.respect(session, world.accounts[key], comment_id, world.site, world.it.house)


def _respectful(world: World) -> list[str]:
    """Those who pay, have been here for long and are in nobody's bad books."""
    stories = world.paper.stories
    oldest = max(story.days_ago for story in stories)
    blamed = {remark.by for story in stories for remark in story.comments if remark.state != PUBLISHED}
    readers = [reader for reader in world.paper.readers if reader.since > oldest]
    paying = [reader.key for reader in readers if reader.subscription == "active"]
    return [key for key in paying if key not in blamed]


def _report(world: World, remark: Remark, by: str, rule: str, note: str | None) -> None:
    with world.it.database.transaction() as session:
        comment_id = world.comments[remark.text]
        reports.report_comment(session, world.it.house, world.accounts[by], comment_id, reports.Complaint(rule, note))


def _decide(world: World, remark: Remark, ruling: Ruling) -> None:
    actor = world.caller(ruling.by)
    with world.it.database.transaction() as session:
        about = (Item.kind == "comment") & (Item.subject_id == world.comments[remark.text])
        item = session.scalars(select(Item).where(about, Item.state == UNDECIDED)).one()
        intent = Intent(item.id, item.revision, ruling.action, ruling.rule, ruling.reason, ruling.days)
        decisions.decide(session, world.it.house, actor, intent)


def _pick(world: World, remark: Remark, by: str) -> None:
    with world.it.database.transaction() as session:
        picks.pick(session, world.caller(by), world.comments[remark.text], world.it.house.zone)


def _pin(world: World, remark: Remark, by: str) -> None:
    with world.it.database.transaction() as session:
        picks.pin(session, world.caller(by), world.comments[remark.text])


def _notify(world: World, remark: Remark, notice: LegalNotice) -> None:
    told = notices.Told(notice.explanation, notice.name, email=None, good_faith=True)
    with world.it.database.transaction() as session:
        notices.file(session, world.it.house, world.comments[remark.text], told)


def _appeal(world: World, remark: Remark, said: str) -> None:
    comment_id = world.comments[remark.text]
    with world.it.database.transaction() as session:
        statement = session.scalars(select(Statement.id).where(Statement.subject_id == comment_id)).one()
        appeals.file(session, world.it.house, world.accounts[remark.by], statement, said.strip())


def _acknowledge(world: World, key: str) -> None:
    with world.it.database.transaction() as session:
        account = standing.lock(session, world.accounts[key])
        mine = (Sanction.account_id == account.id) & (Sanction.kind == WARNING)
        warning = session.scalars(select(Sanction).where(mine, Sanction.acknowledged_at.is_(None))).one()
        sanctions.acknowledge(session, account, warning.id)
