"""What must be true at a newspaper where somebody does all they can to get round a ban.

It is kept beside the program, in plain values: who has which mailbox and cards, whom a moderator told apart, who
may decide on whom. Of the database only the rows of sanctions, strikes and open questions are believed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.comments import gate
from app.models import Account, Decision, Item, PaymentCase, Sanction, Strike
from app.models.item import OPEN
from app.models.payment_case import ALLOWED, CONFIRMED, POSSIBLE_RETURN
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.moderation import strikes
from app.stories.sites import SiteSnapshot
from config.policy import HouseRules

WRITES = ("active", "staff", "grant")
LAST = datetime.max.replace(tzinfo=UTC)
NO_RANK = (-1, False)


class Untrue(AssertionError):
    """Something happened that must not."""


@dataclass(eq=False)
class Known:
    """What is true of one account, whatever the program makes of it."""

    id: int
    # the mailboxes that were confirmed for it, or are to be; and what the paper calls whoever it signs in
    mailboxes: frozenset[int]
    subject: int | None = None
    verified: bool = False
    erased_at: datetime | None = None
    # when each card was first seen
    cards: dict[str, datetime] = field(default_factory=dict)
    # when the paper first said of each mailbox that it is theirs, and nobody had confirmed it
    told: dict[int, datetime] = field(default_factory=dict)
    # (place among the roles, at all sites)
    rank: tuple[int, bool] = NO_RANK
    wrote: bool = False

    @property
    def is_staff(self) -> bool:
        return self.rank != NO_RANK


class Truth:
    """The accounts of one newspaper, the newest last, and what must be true of them."""

    def __init__(self, session: Session, site: SiteSnapshot, house: HouseRules) -> None:
        self._session, self._site, self._house = session, site, house
        self.accounts: list[Known] = []
        self._apart: set[tuple[int, int]] = set()
        # under which sanctions of the other each return was confirmed, and what it was asked about
        self._confirmed: dict[tuple[int, int], tuple[int | None, set[int]]] = {}

    # who is there

    def of(self, account_id: int) -> Known:
        return next(each for each in self.accounts if each.id == account_id)

    def living(self) -> list[Known]:
        return [each for each in self.accounts if each.erased_at is None]

    def staff(self) -> list[Known]:
        return [each for each in self.accounts if each.is_staff]

    # what must be true

    def check(self) -> None:
        """Raise Untrue if somebody gets round a ban, a suspension or a warning, or has lost a strike."""
        imposed = self._in_force(BAN, SUSPENSION, WARNING)
        given = self._strikes()
        for found in self.living():
            self._check_strikes(found, given)
            if found.verified and (imposed or not found.is_staff):
                self._check_restrictions(found, imposed)

    def check_act(self, actor: Known, target: Known, made: Any) -> None:
        """Raise Untrue if `actor`, who has just made the decision `made` on `target`, must not decide on them."""
        rank = max(each.rank for each in self.accounts if self._one_mailbox(each, target))
        if rank != NO_RANK and rank >= actor.rank:
            raise Untrue(f"{actor} decided on {target}")
        imposed = self._in_force(BAN, SUSPENSION, WARNING, before=made)
        if any(self._one_mailbox(self.of(sanction.account_id), actor) for sanction in imposed):
            raise Untrue(f"{actor} decided while not in good standing")

    def leave(self, found: Known) -> None:
        """`found` is about to erase their account. Who has written nothing, and is under nothing, is forgotten."""
        if not (found.wrote or self._is_under_something(found)):
            found.verified, found.cards, found.told = False, {}, {}
        found.erased_at, found.rank = clock.now(), NO_RANK

    def sign_in_from_elsewhere(self, found: Known, mailbox: int, *, confirmed: bool) -> None:
        """The paper signs `found` in and says that they have the mailbox. Of staff's it is never taken as confirmed."""
        if confirmed and not any(mailbox in each.mailboxes for each in self.staff()):
            found.mailboxes |= {mailbox}
            found.told.pop(mailbox, None)
        elif mailbox not in found.mailboxes and not self._is_restricted(found):
            found.told.setdefault(mailbox, clock.now())

    def follow_cases(self) -> None:
        """A decision was made: note whom moderators told apart, and whose return they confirmed."""
        for case in self._session.scalars(select(PaymentCase).where(PaymentCase.kind == POSSIBLE_RETURN)):
            self._session.refresh(case)
            pair = case.account_id, int(case.reference)
            (self._apart.add if case.outcome == ALLOWED else self._apart.discard)(pair)
            if case.outcome != CONFIRMED:
                self._confirmed.pop(pair, None)
            elif self._confirmed.get(pair, (None,))[0] != case.sanction_id:
                restrictions = self._in_force(BAN, SUSPENSION)
                self._confirmed[pair] = case.sanction_id, self._under(self.of(pair[1]), restrictions)

    def _check_restrictions(self, found: Known, imposed: list[Sanction]) -> None:
        banned = [self.of(sanction.account_id) for sanction in imposed if sanction.kind == BAN]
        person = self._person(found)
        same = [each for each in banned if each in person]
        like = [each for each in banned if self._pays_like(found, each) or self._is_told_to_be(found, each)]
        like = [each for each in like if not self._was_judged(found, each, imposed)]
        selves = self._selves(found)
        suspended = any(s.kind == SUSPENSION and self.of(s.account_id) in person for s in imposed)
        warned = any(s.kind == WARNING and self.of(s.account_id) in selves for s in imposed)
        code = self._code(found)
        if same and code != "banned":
            raise Untrue(f"{found} has the mailbox of the banned {same[0]} and is told {code}")
        if code == "banned" and not same:
            raise Untrue(f"{found} is banned for nothing that they have")
        # whoever the paper made staff is known to it, and needs no subscription
        if code in WRITES and ((like and code != "staff") or suspended or warned):
            raise Untrue(f"{found} writes: like {like}, suspended {suspended}, warned {warned}")

    def _check_strikes(self, found: Known, given: list[Strike]) -> None:
        if not given:
            return
        selves = {each.id for each in self._selves(found)}
        due = {strike.id for strike in given if strike.account_id in selves}
        counted = {strike.id for strike in strikes.of(self._session, found.id)} & {strike.id for strike in given}
        if counted != due:
            raise Untrue(f"{found} has {len(counted)} strikes of {len(due)}")

    def _is_under_something(self, found: Known) -> bool:
        selves = {each.id for each in self._selves(found)}
        asked = select(Item.id).where(Item.account_id == found.id, Item.state == OPEN).limit(1)
        given = {each.account_id for each in self._in_force(BAN, SUSPENSION)}
        given |= {strike.account_id for strike in self._strikes()}
        return self._session.scalar(asked) is not None or not given.isdisjoint(selves)

    # who is who, as the docs say it

    def _selves(self, found: Known) -> list[Known]:
        """All that `found` was."""
        return self._reached(found, lambda each, other: self._one_mailbox(each, other) or self._came_back(each, other))

    def _person(self, found: Known) -> list[Known]:
        """All that `found` surely was: who has the log-in of whoever had the mailbox is one with them."""
        return self._reached(found, self._one_mailbox)

    def _reached(self, found: Known, leads: Callable[[Known, Known], bool]) -> list[Known]:
        known = [found]
        for each in known:
            known += [other for other in self.accounts if other not in known and leads(each, other)]
        return known

    def _came_back(self, each: Known, other: Known) -> bool:
        if other.erased_at is None or (each.id, other.id) in self._apart:
            return False
        known = (other.mailboxes if other.verified else frozenset()) | other.told.keys()
        by_card = any(seen >= other.erased_at for card, seen in each.cards.items() if card in other.cards)
        return by_card or any(seen >= other.erased_at for mailbox, seen in each.told.items() if mailbox in known)

    def _one_mailbox(self, one: Known, other: Known) -> bool:
        same = not one.mailboxes.isdisjoint(other.mailboxes) or (
            one.subject is not None and one.subject == other.subject
        )
        return one is other or (same and one.verified and other.verified)

    def _pays_like(self, one: Known, other: Known) -> bool:
        """Whether `one`, or another account of the same mailbox, has a card of `other`."""
        known = [each for each in self.accounts if self._one_mailbox(one, each)]
        return any(not each.cards.keys().isdisjoint(other.cards) for each in known)

    def _is_told_to_be(self, one: Known, banned: Known) -> bool:
        """Whether the paper says that `one` has a mailbox which `banned` has confirmed."""
        return banned.verified and not banned.mailboxes.isdisjoint(one.told)

    def _is_restricted(self, found: Known) -> bool:
        imposed = self._in_force(BAN, SUSPENSION)
        return any(self._one_mailbox(self.of(sanction.account_id), found) for sanction in imposed)

    def _was_judged(self, one: Known, other: Known, imposed: list[Sanction]) -> bool:
        """Whether they were told apart, or `one` confirmed to be `other` under a ban that is in force.

        Whoever was confirmed to have come back is banned, until a moderator lifts just that.
        """
        bans = self._under(other, [sanction for sanction in imposed if sanction.kind == BAN])
        confirmed = {pair for pair, (asked, under) in self._confirmed.items() if not bans.isdisjoint({asked, *under})}
        return any(
            self._one_mailbox(self.of(account), one) and self._one_mailbox(self.of(banned), other)
            for account, banned in self._apart | confirmed
        )

    def _under(self, found: Known, imposed: list[Sanction]) -> set[int]:
        """Which of these sanctions `found` is under."""
        person = self._person(found)
        return {sanction.id for sanction in imposed if self.of(sanction.account_id) in person}

    # what the program says

    def _code(self, found: Known) -> str:
        account = self._session.get_one(Account, found.id)
        return gate.may_write(self._session, account, self._site, self._house, None, staff=found.is_staff).code

    def _in_force(self, *which: str, before: Any = None) -> list[Sanction]:
        """The sanctions of these kinds that are in force; those that a decision imposed itself left out."""
        now = clock.now()
        found = self._session.scalars(select(Sanction).where(Sanction.kind.in_(which), Sanction.lifted_at.is_(None)))
        return [
            sanction
            for sanction in found
            if (sanction.acknowledged_at is None if sanction.kind == WARNING else (sanction.ends_at or LAST) > now)
            and not (isinstance(before, Decision) and sanction.decision_id == before.id)
        ]

    def _strikes(self) -> list[Strike]:
        left = select(Strike).where(Strike.revoked_by.is_(None), Strike.expires_at > clock.now())
        return list(self._session.scalars(left))
