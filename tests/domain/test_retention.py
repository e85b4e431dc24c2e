from datetime import timedelta

from sqlalchemy import select

from app import clock, retention, worker
from app.billing import sync
from app.db import Database
from app.ids import new_id
from app.models import (
    Comment,
    Job,
    Letter,
    OneTimeToken,
    Reaction,
    SpentToken,
    StripeEvent,
    Webhook,
    WebhookDelivery,
)
from app.models.job import DEAD, READY
from app.reconcile import jobs
from app.sign_in import resets, sign_up
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled


def test_letters_and_tokens_are_forgotten_in_time_and_not_before(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    now, days = clock.now(), house.retention.letters_days
    with database.transaction() as session:
        reader = factories.account(session)
        for age in (0, days - 1, days + 1):
            at = now - timedelta(days=age)
            session.add(
                Letter(id=new_id(at), account_id=reader.id, kind="verify", parameters={}, language="en", created_at=at)
            )
        for age in (0, 4):
            at = now - timedelta(days=age)
            token = {"purpose": "verify", "digest": str(age), "created_at": at, "expires_at": at}
            session.add(OneTimeToken(id=new_id(at), account_id=reader.id, **token))
    worker.handlers(assembled(settings, house, database))[retention.FORGET]({})
    with database.reading() as session:
        assert session.query(Letter).count() == 2
        assert [token.digest for token in session.query(OneTimeToken)] == ["0"]


def test_failed_jobs_that_know_an_address_are_forgotten_in_time_and_no_others(
    database: Database, house: HouseRules
) -> None:
    now, days = clock.now(), house.retention.letters_days
    naming = (resets.ASK, sign_up.TELL, sign_up.AGAIN)
    with database.transaction() as session:
        for age in (days - 1, days + 1):
            at = now - timedelta(days=age)
            for kind, state in (*((kind, DEAD) for kind in naming), (resets.ASK, READY), (sync.REFRESH, DEAD)):
                told = {"payload": {"email": "ada@example.org"}, "run_at": at, "created_at": at}
                session.add(Job(id=new_id(at), kind=kind, state=state, **told))
    retention.forget(database, house, {})
    with database.reading() as session:
        old = session.execute(select(Job.kind, Job.state).where(Job.created_at < now - timedelta(days=days))).all()
        assert sorted(map(tuple, old)) == [(resets.ASK, READY), (sync.REFRESH, DEAD)]
        assert session.query(Job).count() == 2 + len(naming) + 2


def test_tokens_of_the_paper_are_forgotten_when_they_are_no_good_any_more(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    now = clock.now()
    with database.transaction() as session:
        for number, ends in (("over", -1), ("good", 60)):
            row = {"browser": "b", "session_id": "s", "expires_at": now + timedelta(seconds=ends)}
            session.add(SpentToken(number=number, **row))
    retention.forget(database, house, {})
    with database.reading() as session:
        assert session.scalars(select(SpentToken.number)).all() == ["good"]


def test_events_are_forgotten_in_time_and_not_before(database: Database, settings: Settings, house: HouseRules) -> None:
    now, days = clock.now(), house.retention.stripe_events_days
    with database.transaction() as session:
        for age in (0, days - 1, *[days + 1] * (jobs.BATCH_EVENTS + 1)):
            at = now - timedelta(days=age)
            facts = {"type": "invoice.paid", "livemode": False, "sha256": "", "source": "poll", "state": "queued"}
            session.add(StripeEvent(id=f"evt_{new_id()}", created_at=at, received_at=at, **facts))
    worker.handlers(assembled(settings, house, database))[jobs.FORGET]({})
    with database.reading() as session:
        assert session.query(StripeEvent).count() == 2


def test_what_systems_were_told_is_forgotten_in_time_and_not_before(database: Database, house: HouseRules) -> None:
    now, days = clock.now(), house.retention.webhooks_days
    with database.transaction() as session:
        site = factories.site(session)
        webhook = Webhook(site_id=site.id, name="cms", url="https://x.example/", events=[], free_at=now, created_at=now)
        session.add(webhook)
        session.flush()
        for age in (0, days - 1, days + 1):
            at = now - timedelta(days=age)
            when = {"next_at": at, "asked_at": at, "created_at": at}
            session.add(
                WebhookDelivery(id=new_id(at), webhook_id=webhook.id, event="story.opened", subject_id=1, **when)
            )
    retention.forget(database, house, {})
    with database.reading() as session:
        assert session.query(WebhookDelivery).count() == 2


def test_of_an_old_comment_only_the_number_of_respects_stays(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    now, days = clock.now(), house.retention.reactions_days
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        readers = [factories.account(session) for _ in range(3)]
        old, young = (
            factories.comment(session, story, readers[0], at=now - timedelta(days=age)) for age in (days + 1, days - 1)
        )
        for comment in (old, young):
            comment.respect_count = len(readers)
            for reader in readers:
                row = {"comment_id": comment.id, "account_id": reader.id, "story_id": story.id}
                session.add(Reaction(**row, created_at=comment.created_at))
    worker.handlers(assembled(settings, house, database))[retention.FORGET]({})
    with database.reading() as session:
        assert {reaction.comment_id for reaction in session.scalars(select(Reaction))} == {young.id}
        assert session.get_one(Comment, old.id).respect_count == len(readers)
