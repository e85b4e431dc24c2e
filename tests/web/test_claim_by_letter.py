"""Claiming a subscription by a letter to the address at Stripe: who may not, what is told, and what it takes."""

from datetime import timedelta
from email import message_from_bytes
from email import policy as wire
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select, update

from app import clock
from app.accounts import one_time_tokens
from app.billing import adopt, link_by_letter, links, sync
from app.billing.links import Proof
from app.models import Account, Customer, Letter, OneTimeToken, PaymentCase
from app.models.letter import LINK
from app.simulator import shapes
from config.settings import SIMULATED_PRICE
from tests.support import factories
from tests.support.paper import Paper
from tests.support.stripe_world import eventually

PAGE = "/subscription"
ADDRESS = "Payer@example.org"
FORMS = [("claim-letter", {"email": ADDRESS}), ("confirm", {"token": "x"})]


@pytest.fixture
def customer(paper: Paper) -> str:
    """One who has paid for years, under ADDRESS."""
    return older_than_us(paper, ADDRESS)


def older_than_us(paper: Paper, email: str) -> str:
    store = paper.simulated
    with store.transaction():
        customer = store.save("customer", shapes.customer(email, None, {}))
        price = store.get("price", SIMULATED_PRICE)
        store.save("subscription", shapes.subscription(customer["id"], price, {}))
    adopt.adopt(paper.it)
    return str(customer["id"])


def post(paper: Paper, path: str, browser: requests.Session | None = None, **form: str) -> requests.Response:
    who = browser or paper.browser()
    return who.post(f"{paper.settings.public_url}{PAGE}/{path}", data=form, timeout=10)


def letters(paper: Paper) -> list[tuple[str, str]]:
    """To whom, and the text, the oldest first."""
    found = [message_from_bytes(path.read_bytes(), policy=wire.default) for path in sorted(sent(paper).glob("*.eml"))]
    return [(str(mail["To"]), mail.get_content()) for mail in found]


def sent(paper: Paper) -> Path:
    return paper.settings.var / "letters"


def secret(paper: Paper) -> str:
    """What the last letter carries."""
    return letters(paper)[-1][1].partition("confirm?token=")[2].split()[0]


def reader(paper: Paper, *, verified: bool = True) -> Account:
    with paper.database.transaction() as session:
        return factories.account(session, verified=verified)


def owner(paper: Paper, customer: str) -> int | None:
    with paper.database.reading() as session:
        return session.get_one(Customer, customer).account_id


@pytest.mark.parametrize(("path", "form"), FORMS)
def test_strangers_are_asked_to_sign_in_and_forms_from_elsewhere_refused(
    paper: Paper, path: str, form: dict[str, str]
) -> None:
    url, page = f"{paper.settings.public_url}{PAGE}/{path}", {"Accept": "text/html"}
    nobody = {"Authorization": "Bearer nothing"} | page
    assert requests.post(url, data=form, headers=nobody, timeout=10).status_code == 401
    assert requests.post(url, data=form, headers=page, timeout=10).status_code == 403


def test_who_has_not_confirmed_their_own_address_has_no_letters_sent(paper: Paper, customer: str) -> None:
    browser = paper.browser(reader(paper, verified=False))
    assert "confirm your e-mail address first" in post(paper, "claim-letter", browser, email=ADDRESS).text
    paper.work()
    assert not sent(paper).exists()


def test_the_letter_goes_to_the_address_at_stripe_and_links_once_opened(paper: Paper, customer: str) -> None:
    assert "a letter is on its way" in post(paper, "claim-letter", email="payer@example.org").text
    paper.work()
    ((to, text),) = letters(paper)
    assert to == ADDRESS
    assert paper.reader.name not in text
    assert owner(paper, customer) is None
    page = paper.browser().get(f"{paper.settings.public_url}{PAGE}/confirm?token={secret(paper)}", timeout=10).text
    assert paper.reader.name in page
    assert owner(paper, customer) is None, "looking links nothing"
    assert "linked to this account" in post(paper, "confirm", token=secret(paper)).text
    assert owner(paper, customer) == paper.reader.id
    assert paper.entitlement().allowed
    paper.work()
    assert paper.entitlement().allowed


def test_whoever_asks_is_told_the_same_whatever_is_known(paper: Paper, customer: str) -> None:
    browsers = [paper.browser(reader(paper)) for _ in range(2)]
    known, unknown = (
        post(paper, "claim-letter", browser, email=email).text.partition("<h1>")[0].partition('class="notice')[2]
        for browser, email in zip(browsers, (ADDRESS, "nobody@example.org"), strict=True)
    )
    assert known
    assert known == unknown


def test_what_we_hold_on_whoever_asked_does_not_tell_either(paper: Paper, customer: str) -> None:
    asked = [reader(paper) for _ in range(2)]
    for who, email in zip(asked, (ADDRESS, "nobody@example.org"), strict=True):
        post(paper, "claim-letter", paper.browser(who), email=email)
    paper.work()
    url = f"{paper.settings.public_url}/api/v1/me/data"
    held = [paper.browser(who).get(url, headers={"Accept": "application/json"}, timeout=10).json() for who in asked]
    assert [len(document["letters"]) for document in held] == [0, 0]


def test_the_address_is_kept_nowhere(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    with paper.database.reading() as session:
        for table in Letter.metadata.sorted_tables:
            assert "payer@" not in repr(session.execute(select(table)).all()).lower()


def test_an_address_that_no_letter_reaches_is_said_to_be_one(paper: Paper) -> None:
    stranger = older_than_us(paper, "jörg@example.org")
    assert "plain letters" in post(paper, "claim-letter", email="jörg@example.org").text
    with paper.database.reading() as session:
        assert session.get_one(Customer, stranger).email_token is None


def test_somebody_elses_link_is_not_good_and_not_spent(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    other = paper.browser(reader(paper))
    assert post(paper, "confirm", other, token=secret(paper)).status_code == 422
    assert post(paper, "confirm", token=secret(paper)).status_code == 200
    assert owner(paper, customer) == paper.reader.id


def test_a_link_is_good_once_and_for_a_day(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    assert post(paper, "confirm", token="made up").status_code == 422
    with paper.database.transaction() as session:
        session.execute(update(OneTimeToken).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert "not good any more" in post(paper, "confirm", token=secret(paper)).text
    with paper.database.transaction() as session:
        session.execute(update(OneTimeToken).values(expires_at=clock.now() + timedelta(days=1)))
    assert [post(paper, "confirm", token=secret(paper)).status_code for _ in range(2)] == [200, 422]
    assert timedelta(days=1) == one_time_tokens.LIFETIME_BY_PURPOSE[LINK]


def test_two_who_hold_letters_for_one_customer_meet_in_a_case(paper: Paper, customer: str) -> None:
    second = reader(paper)
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    first_secret = secret(paper)
    with paper.database.transaction() as session:
        session.execute(update(Letter).values(created_at=clock.now() - timedelta(minutes=3)))
    post(paper, "claim-letter", paper.browser(second), email=ADDRESS)
    paper.work()
    second_secret = secret(paper)
    post(paper, "confirm", token=first_secret)
    told = post(paper, "confirm", paper.browser(second), token=second_secret).text
    assert 'data-claim="open"' in told
    assert owner(paper, customer) == paper.reader.id
    with paper.database.transaction() as session:
        case = session.scalars(select(PaymentCase)).one()
        assert (case.account_id, case.reference) == (second.id, customer)
        case.outcome, case.judged_at = "dismissed", clock.now()
    page = f"{paper.settings.public_url}{PAGE}"
    assert 'data-claim="dismissed"' in paper.browser(second).get(page, timeout=10).text
    assert "data-claim" not in paper.browser().get(page, timeout=10).text


def test_a_customer_who_was_claimed_meanwhile_gets_no_letter(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    somebody = reader(paper)
    with paper.database.transaction() as session:
        links.link(session, paper.house, customer, somebody.id, Proof.PAPER)
    paper.work()
    assert not sent(paper).exists()


def test_a_customer_that_stripe_has_deleted_gets_no_letter(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    with paper.simulated.transaction():
        paper.simulated.save("customer", paper.simulated.get("customer", customer) | {"deleted": True})
    paper.work()
    assert not sent(paper).exists()


def test_a_mailbox_with_several_customers_gets_a_letter_for_each(paper: Paper, customer: str) -> None:
    another = older_than_us(paper, ADDRESS)
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    for _to, text in letters(paper):
        post(paper, "confirm", token=text.partition("confirm?token=")[2].split()[0])
    assert {owner(paper, each) for each in (customer, another)} == {paper.reader.id}


def test_too_many_letters_are_left_out_in_silence(paper: Paper, customer: str) -> None:
    answers = {post(paper, "claim-letter", email=ADDRESS).status_code for _ in range(3)}
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 1, "one within two minutes"
    for _ in range(10):
        with paper.database.transaction() as session:
            session.execute(update(Letter).values(created_at=clock.now() - timedelta(minutes=3)))
            link_by_letter.ask(session, paper.settings, factories.account(session).id, ADDRESS)
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == link_by_letter.LETTERS_TO_A_CUSTOMER
    assert answers == {200}


def test_what_is_no_address_is_said_so(paper: Paper) -> None:
    assert "not an e-mail address" in post(paper, "claim-letter", email="nobody").text


def test_only_who_may_not_write_is_offered_to_claim(paper: Paper, customer: str) -> None:
    page = f"{paper.settings.public_url}{PAGE}"
    assert "claim-letter" in paper.browser().get(page, timeout=10).text
    with paper.database.transaction() as session:
        links.link(session, paper.house, customer, paper.reader.id, Proof.OPERATOR)
    text = paper.browser().get(page, timeout=10).text
    assert "claim-letter" not in text
    assert "/subscription/subscribe" not in text


def test_a_customer_of_whom_only_a_webhook_told_is_found_too(paper: Paper) -> None:
    store = paper.simulated
    with store.transaction():
        customer = store.save("customer", shapes.customer(ADDRESS, None, {}))
    paper.control("subscriptions", customer=customer["id"])
    eventually(lambda: parked(paper) == 1)
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    post(paper, "confirm", token=secret(paper))
    assert paper.entitlement().allowed


def parked(paper: Paper) -> int:
    paper.work()
    with paper.database.reading() as session:
        found = select(func.count()).select_from(Customer).where(Customer.email_token.is_not(None))
        return session.scalar(found) or 0


def test_the_address_that_counts_is_the_one_at_stripe_now(paper: Paper, customer: str) -> None:
    with paper.simulated.transaction():
        moved = paper.simulated.get("customer", customer) | {"email": "moved@example.org"}
        paper.simulated.save("customer", moved)
    with paper.database.transaction() as session:
        sync.request(session, sync.CUSTOMER, customer)
    paper.work()
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    assert not sent(paper).exists()
    post(paper, "claim-letter", email="moved@example.org")
    paper.work()
    assert [to for to, _ in letters(paper)] == ["moved@example.org"]


def test_who_claims_writes_at_once_without_the_worker(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    assert "Your subscription is active." in post(paper, "confirm", token=secret(paper)).text
    assert paper.entitlement().allowed


def test_who_claims_while_stripe_is_away_is_told_that_it_takes_longer(paper: Paper, customer: str) -> None:
    post(paper, "claim-letter", email=ADDRESS)
    paper.work()
    paper.stripe_goes_away()
    text = post(paper, "confirm", token=secret(paper)).text
    assert "We are checking who this subscription belongs to." in text
    assert "/subscription/subscribe" not in text
    assert owner(paper, customer) == paper.reader.id
    assert not paper.entitlement().allowed
