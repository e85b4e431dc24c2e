"""Who may not write is given the one step that helps, by one name, wherever they are refused."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import clock, formats
from app.accounts import standing
from app.billing import sentences
from app.db import Database
from app.models import Account, Charge, Site
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.web import steps
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.repository import REPOSITORY

ELSEWHERE = {"sign_in_required", "other_title", "closed", "read_only"}


def test_every_reason_not_to_write_has_its_step() -> None:
    of_standing = {standing.CODES.get(kind, kind) for kind in standing.SENTENCES}
    assert steps.STEPS.keys() == of_standing | {reason.value for reason in sentences.WHY_NOT} | ELSEWHERE


def test_the_element_has_a_button_for_every_step_that_is_one() -> None:
    pages = (REPOSITORY / "app/web/embed/composer.js").read_text().partition("const PAGES = {")[2].partition("};")[0]
    buttons = set(re.findall(r"^  (\w+):", pages, re.MULTILINE))
    assert buttons == set(steps.STEPS.values()) - {"sign_in", "wait", "none"}


@dataclass
class Hurdle:
    """What keeps a reader from writing, and the one step that helps them, as they read it."""

    step: str
    words: str = ""
    subscription: dict[str, Any] = field(default_factory=dict)
    charge: dict[str, Any] = field(default_factory=dict)
    sanction: str | None = None
    account: dict[str, Any] = field(default_factory=dict)


LATER = clock.now() + timedelta(days=9)
HURDLES = {
    "unverified": Hurdle("Send the letter again", account={"verified_at": None}),
    "rules": Hurdle("I accept the rules", account={"rules_version": None}),
    "warned": Hurdle("Read the warning", sanction=WARNING),
    "suspended": Hurdle("Reasons and appeal", sanction=SUSPENSION),
    "banned": Hurdle("Reasons and appeal", sanction=BAN),
    "past due": Hurdle("Put the payment right", subscription={"status": "past_due"}),
    "paused": Hurdle("Resume your subscription", subscription={"status": "paused"}),
    "canceled": Hurdle("Subscribe", subscription={"status": "canceled"}),
    "lapsed": Hurdle("Manage your subscription", subscription={"period_end": LATER - timedelta(days=90)}),
    "unknown": Hurdle("Write to us", subscription={"status": "odd"}),
    "disputed": Hurdle("Write to us", charge={"dispute_status": "needs_response"}),
    "warned of fraud": Hurdle("Write to us", charge={"fraud_warning": True}),
    "refunded": Hurdle("", "due on {day}", {"period_end": LATER}, {"amount_refunded": 500}),
    "on trial": Hurdle("", "which ends on {day}", {"status": "trialing", "trial_end": LATER}),
}
NAMES = {hurdle.step for hurdle in HURDLES.values() if hurdle.step} | {"See your subscription", "See your account"}


@pytest.mark.parametrize("hurdle", HURDLES.values(), ids=HURDLES.keys())
def test_composer_and_refused_forms_name_the_same_step(
    database: Database, browser: OpenBrowser, site: Site, hurdle: Hurdle
) -> None:
    with database.transaction() as session:
        comment = factories.comment(session, factories.story(session, site), factories.account(session))
        reader = before(session, hurdle, site)
    window, story = browser(reader), f"/stories/{comment.story_id}"
    composer = window.get(story).text.partition('class="composer"')[2].partition("</section>")[0]
    refused = window.post(f"{story}/comments", {"text": "What I say."})
    respect = window.post(f"/comments/{comment.id}/respect", {"back": story})
    assert refused.status_code in (402, 403)
    for page in (composer, refused.text, *([respect.text] if respect.status_code >= 400 else [])):
        assert [name for name in NAMES if f">{name}</" in page] == ([hurdle.step] if hurdle.step else [])
        assert hurdle.words.format(day=formats.moment_and_zone(LATER)) in page


OF_THE_SUBSCRIPTION = ("past due", "unknown", "disputed", "lapsed", "on trial", "refunded")


@pytest.mark.parametrize("name", [*OF_THE_SUBSCRIPTION, "rules", "warned", "suspended"])
def test_so_does_the_page_of_the_subscription(database: Database, browser: OpenBrowser, site: Site, name: str) -> None:
    hurdle = HURDLES[name]
    with database.transaction() as session:
        reader = before(session, hurdle, site)
    page = browser(reader).get("/subscription").text
    assert f">{hurdle.step}<" in page
    assert "You may comment until" not in page
    assert hurdle.words.format(day=formats.moment_and_zone(LATER)) in page


def test_programs_are_told_the_day_and_the_step(
    database: Database, client: FlaskClient, bearer: Bearer, site: Site
) -> None:
    with database.transaction() as session:
        reader = before(session, HURDLES["on trial"], site)
    me = client.get(f"/api/v1/me?site={site.key}", headers=bearer(reader)).get_json()
    assert (me["step"], me["code"], me["valid_until"]) == ("wait", "trial", me["entitlement"]["until"])
    assert datetime.fromisoformat(me["valid_until"]) == LATER
    assert formats.moment_and_zone(LATER) in me["sentence"]


def before(session: Session, hurdle: Hurdle, site: Site) -> Account:
    """A reader before a hurdle."""
    reader = factories.account(session)
    bought = factories.subscribe(session, reader)
    facts = {"paid_invoice": "in_1", "paid_amount": 500} if hurdle.charge else {}
    for row, values in ((bought, facts | hurdle.subscription), (reader, hurdle.account)):
        for column, value in values.items():
            setattr(row, column, value)
    if hurdle.charge:
        known = {"subscription_id": bought.id, "invoice_id": "in_1", "amount_refunded": 0, "fraud_warning": False}
        session.add(Charge(id=f"ch_{bought.id}", fetched_at=clock.now(), **known | hurdle.charge))
    if hurdle.sanction:
        factories.sanction(session, reader, hurdle.sanction, at=site)
    return reader
