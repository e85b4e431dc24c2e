"""What has to hold in every play: a stage with readers who pay, and how it compares with what is true at Stripe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.billing import facts
from app.billing.entitlement import BLOCKING_DISPUTES, Entitlement, Facts, SubscriptionFacts, decide
from app.db import Database
from app.gateway.client import StripeUnavailable
from app.models import Account, Customer, Site, Subscription
from app.reconcile import runs
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.schedules import Plan, Play, Stage
from tests.support.stripe_changes import PRODUCT, VERBS, Contract, may_happen, moment
from tests.support.stripe_truth import Object

ENDED = ("canceled", "incomplete_expired")


class Untrue(AssertionError):
    """What stands in our tables is not what is true at Stripe."""


@dataclass
class Proof:
    """Two readers: `faithful` has the contracts 0 and 2, `banned` (in some plays, from some moment on) contract 1."""

    stage: Stage
    site: Site
    faithful: Account
    banned: Account
    contracts: list[Contract] = field(default_factory=list)
    is_banned: bool = False
    steps: int = 0

    def play(self, plan: Plan) -> None:
        """Play it, and fail where anything that has to hold does not."""
        self.stage.clear()
        self.is_banned = False
        owners = (self.faithful.id, None, self.faithful.id)
        self.contracts = [Contract(self.stage.truth, number, owner) for number, owner in enumerate(owners)]
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
                if contract.customer in self.stage.truth.all("customers"):
                    return None
                return contract.begin(paid=verb != "first payment failed")
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

    def entitlement(self, account: Account) -> Entitlement:
        with self.stage.database.reading() as session:
            return facts.entitlement(session, account.id, self.site, clock.now(), self.stage.house.at({}))

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
        for account, numbers in ((self.faithful, (0, 2)), (self.banned, (1,))):
            mine = [self.contracts[number] for number in numbers]
            true = Facts(
                tuple(self._true_facts(contract) for contract in mine if self._is_known_of(contract)),
                banned=self.is_banned and account is self.banned,
            )
            assert self.entitlement(account) == decide(true, clock.now(), self.stage.house.at({}).entitlement)

    def _is_known_of(self, contract: Contract) -> bool:
        """Nobody need know of what was over before they first heard of it; check_rows sees to all others."""
        true = contract.now_at_stripe
        if true is None or true["status"] not in ENDED:
            return true is not None
        with self.stage.database.reading() as session:
            return session.get(Subscription, contract.id) is not None

    def _true_row(self, contract: Contract, true: Object) -> dict[str, Any]:
        return stated_by(true) | {
            "account_id": self.banned.id if contract.id == "sub_1" else self.faithful.id,
            "paid_invoice": contract.paid_invoice,
            "first_failure_at": contract.first_failure_at if true["status"] == "past_due" else None,
        }

    def _true_facts(self, contract: Contract) -> SubscriptionFacts:
        true = contract.now_at_stripe
        assert true is not None
        row = self._true_row(contract, true)
        disputes = {contract.dispute_of(charge) for charge in contract.charges}
        blocking = [status for status in BLOCKING_DISPUTES if status in disputes]
        return SubscriptionFacts(
            status=true["status"],
            granting=PRODUCT in row["products"],
            customer_deleted=contract.is_customer_deleted,
            period_end=row["period_end"],
            cancel_at=row["cancel_at"],
            ended_at=row["ended_at"],
            trial_end=row["trial_end"],
            past_due_since=row["first_failure_at"],
            pause_behavior=row["paused"],
            dispute_status=min(blocking, default=None),
            refunded=any(
                charge["refunded"] for charge in contract.charges if contract.invoice_of(charge) == row["paid_invoice"]
            ),
        )


def stated_by(true: Object) -> dict[str, Any]:
    """What a row has to say of a subscription with one item, told apart from how the product reads it."""
    item = true["items"]["data"][0]
    period_end = moment(item["current_period_end"])
    return {
        "customer_id": true["customer"],
        "status": true["status"],
        "products": sorted([item["price"]["product"], item["price"]["id"]]),
        "period_end": period_end,
        "cancel_at": moment(true["cancel_at"]) or (period_end if true["cancel_at_period_end"] else None),
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
            site = factories.site(session)
            faithful, banned = factories.account(session), factories.account(session)
        yield Proof(stage, site, faithful, banned)
