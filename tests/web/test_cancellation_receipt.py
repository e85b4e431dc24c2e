"""Whoever cancels gets a letter of what was cancelled, when, and until when they may comment: once, and by mail."""

import dataclasses
import email.utils
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select, update

from app import clock, worker
from app.db import Database
from app.models import Job, Letter, Subscription, Termination
from app.models.letter import SUBSCRIPTION_CANCELLED
from app.models.sanction import BAN
from app.simulator import lifecycle
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.ending import prepared
from tests.support.paper import Paper
from tests.support.plain_relay import plain_relay
from tests.support.told_by_stripe import hear


def subscribed(paper: Paper) -> tuple[requests.Session, str]:
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser)), timeout=10)
    hear(paper)
    return browser, str(paper.simulated.find("subscription")[0]["id"])


def cancel(paper: Paper, browser: requests.Session) -> None:
    url = f"{paper.settings.public_url}/subscription/cancel"
    assert browser.post(url, allow_redirects=False, timeout=10).status_code == 303


def receipts(paper: Paper) -> list[Letter]:
    with paper.database.reading() as session:
        return list(session.scalars(select(Letter).where(Letter.kind == SUBSCRIPTION_CANCELLED).order_by(Letter.id)))


def test_the_letter_says_when_and_until_when_in_the_papers_time_and_arrives_by_mail(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    cancel(paper, browser)
    with plain_relay() as relay:
        settings = dataclasses.replace(paper.settings, mail="smtp", smtp_url=relay.url, time_zone="Europe/Berlin")
        worker.runner(assembled(settings, paper.house, paper.database)).run_all()
        hear(paper)
        worker.runner(assembled(settings, paper.house, paper.database)).run_all()
    (letter,) = relay.letters
    assert relay.envelopes[0][1] == paper.reader.email
    assert letter["Subject"] == "Your subscription is cancelled"
    with paper.database.reading() as session:
        ends = session.get_one(Subscription, subscription).cancel_at
    assert ends is not None
    ends_there = ends.astimezone(settings.zone)
    text = " ".join(letter.get_content().split())
    assert f"until {ends_there.day} {ends_there:%b %Y, %H:%M} {ends_there.tzname()}" in text
    received = email.utils.parsedate_to_datetime(letter["Date"]).astimezone(settings.zone)
    assert f" on {received.day} {received:%b %Y}" in text
    assert f"{paper.settings.public_url}/subscription" in text


def test_one_cancellation_brings_one_letter_however_often_it_is_told(paper: Paper) -> None:
    paper.control("knobs", double_percent=100, form=2)
    browser, subscription = subscribed(paper)
    cancel(paper, browser)
    hear(paper)
    with paper.simulated.transaction():
        lifecycle.changed(paper.simulated, paper.simulated.get("subscription", subscription))
    hear(paper)
    paper.look("subscription", subscription)
    assert len(receipts(paper)) == 1


def test_who_takes_it_back_and_cancels_again_has_a_receipt_of_each(paper: Paper) -> None:
    browser, subscription = subscribed(paper)
    cancel(paper, browser)
    with paper.simulated.transaction():
        lifecycle.withdraw_end(paper.simulated, paper.simulated.get("subscription", subscription))
    hear(paper)
    assert len(receipts(paper)) == 1
    cancel(paper, browser)
    hear(paper)
    assert len(receipts(paper)) == 2


def test_who_cancels_in_the_portal_or_whose_answer_was_lost_has_one_too(paper: Paper) -> None:
    _browser, subscription = subscribed(paper)
    with paper.simulated.transaction():
        lifecycle.schedule_end(paper.simulated, paper.simulated.get("subscription", subscription), by_time=True)
    hear(paper)
    (letter,) = receipts(paper)
    assert letter.account_id == paper.reader.id


def test_a_banned_reader_has_a_receipt_too(paper: Paper) -> None:
    browser, _subscription = subscribed(paper)
    with paper.database.transaction() as session:
        factories.sanction(session, paper.reader, BAN, at=paper.site)
    cancel(paper, browser)
    assert len(receipts(paper)) == 1


def test_what_ran_out_when_it_was_first_heard_of_or_ends_at_once_is_no_cancellation(paper: Paper) -> None:
    ending = paper.sold(account_id=paper.reader.id)
    with paper.simulated.transaction():
        lifecycle.schedule_end(paper.simulated, paper.simulated.get("subscription", ending), by_time=False)
    paper.look("subscription", ending)
    subscription = paper.sold(account_id=paper.reader.id)
    paper.look("subscription", subscription)
    with paper.simulated.transaction():
        lifecycle.cancel(paper.simulated, paper.simulated.get("subscription", subscription))
    paper.look("subscription", subscription)
    assert receipts(paper) == []


@pytest.mark.parametrize("again", [False, True])
def test_what_moderators_ended_is_told_by_their_own_letter(paper: Paper, again: bool) -> None:
    ending = prepared(paper)
    ending.approved("at_period_end")
    hear(paper)
    assert ending.letters() == ["subscription_ends"]
    if again:
        _a_while_later(paper.database)
        with paper.simulated.transaction():
            subscription = paper.simulated.get("subscription", ending.subscription)
            lifecycle.withdraw_end(paper.simulated, subscription)
        hear(paper)
        cancel(paper, paper.browser())
        hear(paper)
        assert ending.letters() == ["subscription_ends", "subscription_cancelled"]


def _a_while_later(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Termination).values(done_at=clock.now() - timedelta(days=2)))
        session.execute(update(Job).values(run_at=clock.now()))
