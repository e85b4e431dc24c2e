"""Display names: checked, changed once in a while by their bearer, taken away by a moderator.

A comment never has a copy of a name: a new one shows at once wherever its bearer has written. Cached pages hear
of it through a job, since the stories of a busy writer are too many for the transaction that renames.
"""

import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Any

import disarm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import standing
from app.accounts.lookalikes import is_hidden, is_reserved, skeleton
from app.db import Database
from app.errors import Conflict, Forbidden, Malformed
from app.ids import new_id
from app.jobs import queue
from app.language import _, everywhere, mark
from app.models import Account, Comment, EarlierName, Role, Site
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import publication, sites
from app.toxicity.scorer import Answer, Unavailable
from config.policy import HouseRules
from config.rules import SiteRules

FEWEST_CHARACTERS, MOST_CHARACTERS = 2, 40
NEUTRAL = mark("Reader %(number)s")
REFRESH = "accounts.refresh_stories"
# done by whoever knows who pays (payers.name_checks)
COMPARE = "billing.name_check"
BATCH_STORIES = 200


def check(session: Session, house: HouseRules, text: str, scored: Answer, *, staff: bool = False) -> str:
    """`text` as a display name. Only `staff` may sound like the paper, one of its sites or its staff, and nobody may
    choose such a name as we give.

    Raises Malformed (422): name_length, name_characters, name_reserved or name_unsuitable.
    `scored` is what the scorer said of it, asked before the transaction opened.
    """
    name = _normal(text)
    if not FEWEST_CHARACTERS <= len(name) <= MOST_CHARACTERS:
        sentence = mark("A name has %(shortest)s to %(longest)s characters.")
        raise Malformed("name_length", sentence, field="name", shortest=FEWEST_CHARACTERS, longest=MOST_CHARACTERS)
    if "  " in name or any(map(is_hidden, name)) or disarm.is_zalgo(name) or not skeleton(name):
        raise Malformed("name_characters", mark("A name is made of letters that can be read."), field="name")
    papers = (house.name, *session.scalars(select(Site.name)))
    if is_ours(name) or (not staff and is_reserved(name, papers)):
        raise Malformed("name_reserved", mark("This name belongs to the paper or its staff."), field="name")
    if _unsuitable(scored, sites.rules_of_no_site(session, house)):
        raise Malformed("name_unsuitable", mark("Please choose a name that offends nobody."), field="name")
    return name


def ask(session: Session, house: HouseRules, account_id: int, text: str) -> None:
    """The cheap questions of `change`, asked without a lock before the name is scored. One statement.

    Raises Restricted, and Forbidden name_change_too_soon.
    """
    account, present = standing.look(session, account_id)
    standing.check(account, present)
    if _normal(text) != account.name:
        _require_time(account, house)


def change(session: Session, house: HouseRules, account_id: int, text: str, scored: Answer) -> Account:
    """The reader takes another name. Raises like `check`, Restricted, Forbidden name_change_too_soon, Conflict
    name_taken.
    """
    account = standing.lock(session, account_id)
    standing.require_good(session, account)
    if _normal(text) == account.name:
        return account
    is_staff = session.scalars(select(Role.id).where(Role.account_id == account_id).limit(1)).first() is not None
    name = check(session, house, text, scored, staff=is_staff)
    _require_time(account, house)
    if not _rename(session, account, name, reset_by=None):
        raise taken()
    ask_if_unscored(session, house, account.id, scored)
    ledger.append(session, ledger.Entry(account_id, "account.rename", "account", account_id))
    return account


def wish(session: Session, house: HouseRules, text: str, scored: Answer) -> str:
    """`text` as a display name, as far as that can be known before it is given; a neutral one if it can be none."""
    try:
        return check(session, house, text, scored)
    except Malformed:
        return _neutral()


def wished(account_id: int) -> str:
    """What stands for the skeleton of a name that nobody bears until its account is confirmed.

    If a name were taken by whoever signs up, the next sign-up with it would tell whether the first made an account, and
    so whether its address was known. No name's skeleton has a colon.
    """
    return f"wished:{account_id}"


def settle(session: Session, account: Account) -> None:
    """The name that `account` (locked, just confirmed) wished for is its own now, or a neutral one if that is taken."""
    if account.name_skeleton == wished(account.id):
        name = account.name
        while not _give(session, account, name):
            name = _neutral()


def reset_name(session: Session, account: Account, actor_id: int) -> str:
    """A moderator takes the name of `account` (locked) away; the neutral one that it bears from now on.

    Counts as a change of name, so that its owner cannot choose another such name at once.
    """
    while not _rename(session, account, _neutral(), reset_by=actor_id):
        pass
    ledger.append(session, ledger.Entry(actor_id, "account.reset_name", "account", account.id))
    return account.name


def require_chosen(account: Account) -> None:
    """Raise Conflict (409, "neutral_name") if the name of `account` is no choice of its bearer's: ours is no breach."""
    if is_ours(account.name):
        raise Conflict("neutral_name", mark("This name is the neutral one that we gave. It breaks no rule."))


def give_back(session: Session, account: Account, since: datetime) -> None:
    """The name that a moderator took from `account` (locked) at the moment `since` returns: taking it was undone.

    Nothing changes if the account has had another since, or if somebody else bears it by now.
    """
    taken_away = session.scalars(
        select(EarlierName)
        .where(EarlierName.account_id == account.id, EarlierName.until >= since)
        .order_by(EarlierName.until, EarlierName.id)
    ).first()
    if taken_away is None or taken_away.reset_by is None or taken_away.until != account.name_changed_at:
        return
    if _rename(session, account, taken_away.name, reset_by=None):
        account.name_changed_at = None


def ask_if_unscored(session: Session, house: HouseRules, account_id: int, scored: Answer) -> None:
    """Have a moderator look at a name that no scorer has seen."""
    site_id = sites.first_id(session)
    if isinstance(scored, Unavailable) and site_id is not None:
        subject, rules = Subject.of_account(account_id, site_id), sites.rules_at(session, site_id, house)
        items.open_item(session, "account", subject, Cause("unscored", weight=1.0), rules)


def taken() -> Conflict:
    """The refusal of a name that somebody bears who would be confused with its bearer."""
    return Conflict("name_taken", mark("Another reader has this name, or one that looks like it."), field="name")


def refresh_stories(database: Database, payload: dict[str, Any]) -> None:
    """Job: every story in which an account has written shows its present name."""
    account_id, last = int(payload["account_id"]), 0
    while True:
        with database.transaction() as session:
            mine = select(Comment.story_id).where(Comment.account_id == account_id, Comment.story_id > last)
            stories = session.scalars(mine.distinct().order_by(Comment.story_id).limit(BATCH_STORIES)).all()
            for story_id in stories:
                publication.touch(session, story_id)
        if len(stories) < BATCH_STORIES:
            return
        last = stories[-1]


def announce(session: Session, account_id: int) -> None:
    """Have the stories of an account shown anew."""
    queue.enqueue(session, REFRESH, {"account_id": str(account_id)})


def compare(session: Session, account_id: int, at: datetime | None = None, *, patient: bool = False) -> None:
    """Have a display name compared with the name that its bearer pays under, now or at a moment to come."""
    payload, key = {"account_id": str(account_id)}, f"{COMPARE}:{account_id}"
    queue.enqueue(session, COMPARE, payload, run_at=at, unique_key=key, patient=patient)


def is_ours(name: str) -> bool:
    """Whether a name is one that we give, in place of one that its bearer chose."""
    return any(re.fullmatch(given % {"number": r"\d{8}"}, name) for given in everywhere(NEUTRAL))


def _neutral() -> str:
    return _(NEUTRAL, number=f"{secrets.randbelow(10**8):08}")


def _give(session: Session, account: Account, name: str) -> bool:
    """Let `account` bear `name`, unless somebody does; whether it does now."""
    try:
        # an UPDATE knows no ON CONFLICT: the savepoint keeps the transaction alive when the name is taken
        with session.begin_nested():
            account.name, account.name_skeleton, account.name_check = name, skeleton(name), None
            session.flush()
    except IntegrityError:
        session.refresh(account)
        return False
    return True


def _rename(session: Session, account: Account, name: str, *, reset_by: int | None) -> bool:
    earlier, now = account.name, clock.now()
    if not _give(session, account, name):
        return False
    account.name_changed_at = now
    session.add(EarlierName(id=new_id(), account_id=account.id, name=earlier, until=now, reset_by=reset_by))
    announce(session, account.id)
    compare(session, account.id)
    return True


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _require_time(account: Account, house: HouseRules) -> None:
    if account.name_changed_at is None:
        return
    until = account.name_changed_at + timedelta(days=house.limits.name_change_days)
    if until > clock.now():
        sentence = mark("A name can be changed once in %(days)s days.")
        days = house.limits.name_change_days
        raise Forbidden("name_change_too_soon", sentence, days=days, until=until.isoformat())


def _unsuitable(scored: Answer, rules: SiteRules) -> bool:
    if isinstance(scored, Unavailable):
        return False
    return any(
        value >= rules.thresholds[attribute].hold
        for scores in scored
        for attribute, value in scores.by_attribute().items()
    )
