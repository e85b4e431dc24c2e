"""Readers who pay at Checkout and write, and one who is banned for what they wrote."""

from itertools import count

import requests

from app.models import Account
from tests.support import factories, moderating
from tests.support.paper import Paper

CARD, OTHER_CARD = "4242424242424242", "5555555555554444"
_numbers = count(1)


def reader(paper: Paper) -> Account:
    with paper.database.transaction() as session:
        return factories.account(session)


def subscribe(paper: Paper, account: Account, number: str = CARD) -> None:
    """Pay at Checkout and come back from it; the worker has not worked yet."""
    browser = paper.browser(account)
    form = {"action": "pay", "number": number}
    paid = requests.post(paper.go_to_checkout(browser), data=form, allow_redirects=False, timeout=10)
    assert paid.status_code == 303, paid.text
    browser.get(paid.headers["Location"], timeout=10).raise_for_status()


def post(paper: Paper, account: Account) -> tuple[int, str | None]:
    """The status and the code of trying to write."""
    url = f"{paper.settings.public_url}/api/v1/stories/a-story/comments?site={paper.site.key}"
    body = {
        "text": f"A point of view, {next(_numbers)}.",
        "title": "A story",
        "url": f"{paper.site.origins[0]}/a-story",
    }
    with paper.database.reading() as session:
        # a ban ended all sessions; they sign in anew
        browser = paper.browser(session.get_one(Account, account.id))
    browser.headers["Accept"] = "application/json"
    answer = browser.post(url, json=body, timeout=10)
    return answer.status_code, answer.json().get("code")


def ban(paper: Paper, account: Account) -> None:
    with paper.database.transaction() as session:
        story = factories.story(session, paper.site)
        item = moderating.ask(session, paper.house, factories.comment(session, story, account))
        desk = moderating.Desk(session, paper.settings, paper.house, story, account, moderating.moderator(session))
        desk.decide(item, "ban", "threat")


def banned_payer(paper: Paper) -> Account:
    """Somebody who paid with CARD, wrote, and is banned."""
    account = reader(paper)
    subscribe(paper, account)
    assert post(paper, account)[0] == 201
    ban(paper, account)
    assert post(paper, account) == (403, "banned")
    return account
