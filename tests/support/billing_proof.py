"""What has to hold in every play: a stage with readers who pay, and how it compares with what is true at Stripe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.billing import facts
from app.billing.entitlement import Entitlement
from app.db import Database
from app.gateway.client import StripeUnavailable
from app.models import Account, Customer, Site, Subscription
from app.reconcile import runs
from config.policy import HouseRules
from config.settings import Settings
from tests.support import entitled, factories
from tests.support.entitled import Terms
from tests.support.schedules import Plan, Play, Stage
from tests.support.stripe_bills import Period, moment
from tests.support.stripe_changes import (
    BEGINNINGS,
    ENDED,
    FEATURE,
    OTHER_PRODUCT,
    PRODUCT,
    VERBS,
    Contract,
    may_happen,
    products_of,
)
from tests.support.stripe_truth import Object

SOLD, SOLD_ELSEWHERE = (PRODUCT, FEATURE), (OTHER_PRODUCT,)


class Untrue(AssertionError):
    """What stands in our tables is not what is true at Stripe."""


@dataclass
class Proof:
    """Two readers: `faithful` has the contracts 0 and 2, `banned` (in some plays, from some moment on) contract 1.

    The two contracts of the one are of one customer. `site` sells a product and a feature, `other_site` a product.
    """

    stage: Stage
    site: Site
    other_site: Site
    faithful: Account
    banned: Account
    contracts: list[Contract] = field(default_factory=list)
    is_banned: bool = False
    steps: int = 0

    def play(self, plan: Plan) -> None:
        """Play it, and fail where anything that has to hold does not."""
        self.stage.clear()
        self.is_banned = False
        owners = ((self.faithful.id, "cus_0"), (None, "cus_1"), (self.faithful.id, "cus_0"))
        self.contracts = [Contract(self.stage.truth, number, *owner) for number, owner in enumerate(owners)]
        with self.stage.database.transaction() as session:
            session.add(Customer(id="cus_1", account_id=self.banned.id, created_at=clock.now()))
        changes = [self._act(change.target, change.verb) for change in plan.changes]
        others = {"ban": self.ban} if plan.bans else {}
        others |= {"reconcile": self.reconcile} if plan.reconciles else {}
        Play(self.stage, plan, changes, others, self.check_ban).run()
        if plan.loses:
            self.stage.now += timedelta(seconds=1)
            if plan.reconciles:
                self.reconcile()
            self.reconcile()
            self.stage.drain()
        try:
            self.check_rows(plan)
            self.check_entitlements()
        except AssertionError as difference:
            raise Untrue(str(difference)) from difference

    def _act(self, target: int, verb: str) -> Callable[[], Object | None]:
        contract = self.contracts[target]

        def act() -> Object | None:
            known = contract.now_at_stripe
            if known is None:
                if contract.bills.month.own or contract.is_customer_deleted:
                    return None
                return contract.begin(verb if verb in BEGINNINGS else "begins")
            possible = known["status"] not in ENDED and may_happen(verb, known["status"])
            return VERBS[verb](contract) if possible else None

        return act

    def ban(self) -> None:
        with self.stage.database.transaction() as session:
            account = session.get_one(Account, self.banned.id)
            factories.sanction(session, account, "ban", at=self.site)
        self.is_banned = True

    def reconcile(self) -> None:
        """The nightly comparison with all that is at Stripe; one that was interrupted goes on where it was."""
        try:
            for _page in runs.whole(self.stage.database, self.stage.client):
                pass
        except StripeUnavailable:
            pass  # the next one goes on

    def entitlement(self, account: Account, site: Site | None = None) -> Entitlement:
        with self.stage.database.reading() as session:
            at, rules = site or self.site, self.stage.house.at({})
            return facts.entitlement(session, account.id, at, clock.now(), rules)

    def check_ban(self, step: str) -> None:
        self.steps += 1
        assert not (self.is_banned and self.entitlement(self.banned).allowed), f"a banned reader may write after {step}"

    def check_rows(self, plan: Plan) -> None:
        """Every row says what is true, and nothing that is true is missing."""
        with self.stage.database.reading() as session:
            rows = {row.id: row for row in session.scalars(select(Subscription))}
        for contract in self.contracts:
            true, row = contract.now_at_stripe, rows.get(contract.id)
            if true is None:
                assert row is None or row.deleted
                continue
            if row is None and plan.loses and true["status"] in ENDED:
                continue  # over before anybody heard of it
            assert row is not None, f"{contract.id} is not known"
            assert not row.deleted
            stated = self._true_row(contract, true)
            wrong = {name: (getattr(row, name), is_so) for name, is_so in stated.items() if getattr(row, name) != is_so}
            assert not wrong, f"{contract.id} says, and is in truth: {wrong}"

    def check_entitlements(self) -> None:
        """What the readers may do at either site is what the words of the table make of what was done at Stripe."""
        for account, numbers in ((self.faithful, (0, 2)), (self.banned, (1,))):
            mine = [self.contracts[number] for number in numbers if self._is_known_of(self.contracts[number])]
            for site, sold in ((self.site, SOLD), (self.other_site, SOLD_ELSEWHERE)):
                self._check(account, mine, site, sold)

    def _check(self, account: Account, mine: list[Contract], site: Site, sold: tuple[str, ...]) -> None:
        said, rule = self.entitlement(account, site), self.stage.house.at({}).entitlement
        if self.is_banned and account is self.banned:
            assert (said.allowed, said.reason) == (False, "banned")
            return
        terms = Terms(sold, timedelta(days=rule.lease_days), timedelta(days=rule.past_due_grace_days))
        true = entitled.answers(mine, terms, clock.now())
        until = said.until if said.allowed else None  # a refusal may name the day of the next payment
        assert (said.allowed, until) == (bool(entitled.latest(true)), entitled.latest(true)), (said, true)
        lines = {answer.line for answer in true if bool(answer.until) == said.allowed} or {"no_subscription"}
        assert said.reason in lines, (said, true)

    def _is_known_of(self, contract: Contract) -> bool:
        """Nobody need know of what was over before they first heard of it; check_rows sees to all others."""
        true = contract.now_at_stripe
        if true is None or true["status"] not in ENDED:
            return true is not None
        with self.stage.database.reading() as session:
            return session.get(Subscription, contract.id) is not None

    def _true_row(self, contract: Contract, true: Object) -> dict[str, Any]:
        bills = contract.bills
        terms = [term for term in (bills.month, bills.year) if term.own]
        failures = [term.failed_at for term in terms if term.failed_at is not None]
        prices = [item["price"]["id"] for item in true["items"]["data"]]
        owing = (Period.FAILED, Period.WRITTEN_OFF)
        payments = {price: bills.latest_payment(term) for price, term in zip(prices, terms, strict=True)}
        unpaid = {price: term.failed_at for price, term in zip(prices, terms, strict=True) if term.period in owing}
        return stated_by(true) | {
            "account_id": self.banned.id if contract.id == "sub_1" else self.faithful.id,
            "paid_invoice": bills.paid[-1].invoice if bills.paid else None,
            "first_failure_at": moment(min(failures)) if failures and true["status"] == "past_due" else None,
            "unpaid": unpaid if len(prices) > 1 else {},
            "payments": {
                price: {"invoice": paid.invoice, "amount": paid.amount}
                for price, paid in payments.items()
                if paid is not None and len(prices) > 1
            },
            "written_off": any(term.period is Period.WRITTEN_OFF for term in terms),
        }


def stated_by(true: Object) -> dict[str, Any]:
    """What a row has to say of a subscription, told apart from how the product reads it."""
    items = true["items"]["data"]
    sold = [item for item in items if item["price"]["product"] in (*SOLD, *SOLD_ELSEWHERE)] or items
    period_end = moment(max(item["current_period_end"] for item in sold))
    last_end = moment(max(item["current_period_end"] for item in items))
    return {
        "customer_id": true["customer"],
        "status": true["status"],
        "products": sorted({*products_of(true), *(item["price"]["id"] for item in items)}),
        "period_end": period_end,
        "cancel_at": moment(true["cancel_at"]) or (last_end if true["cancel_at_period_end"] else None),
        "ended_at": moment(true["ended_at"]),
        "trial_end": moment(true["trial_end"]),
        "paused": (true["pause_collection"] or {}).get("behavior"),
    }


@contextmanager
def proof_on(settings: Settings, house: HouseRules, database: Database) -> Iterator[Proof]:
    """A stage on `database`, whose clock is the product's inside the block."""
    stage = Stage(replace(settings, stripe_api_base="http://stripe.invalid"), house, database)
    with stage.time():
        with database.transaction() as session:
            site, other = factories.site(session, products=SOLD), factories.site(session, products=SOLD_ELSEWHERE)
            faithful, banned = factories.account(session), factories.account(session)
        yield Proof(stage, site, other, faithful, banned)
