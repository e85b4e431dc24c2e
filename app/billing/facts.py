"""The entitlement of an account on a site: its rows, read in one statement, handed to the pure rule."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import BigInteger, CompoundSelect, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts import selves
from app.billing import pending
from app.billing.entitlement import (
    BLOCKING_DISPUTES,
    CLOSED_STATUSES,
    Entitlement,
    Facts,
    SubscriptionFacts,
    decide,
)
from app.db import is_one_of, shared, union_by_name
from app.gateway.charges import LOST
from app.gateway.values import moment, optional_moment
from app.models import (
    Account,
    Charge,
    Customer,
    Grant,
    PaperEntitlement,
    PaymentCase,
    Sanction,
    Subscription,
    Trait,
)
from app.models.base import Instant
from app.models.payment_case import ALLOWED, DISMISSED, FRAUD_WARNING, LOST_DISPUTE, OPEN, POSSIBLE_RETURN
from app.models.sanction import BAN, is_in_force
from app.models.trait import STRONG
from config.rules import SiteRules


class Newspaper(Protocol):
    """What this needs of a site: a row of the table, or a snapshot of one."""

    @property
    def id(self) -> int: ...

    @property
    def products(self) -> Sequence[str]: ...


def entitlement(session: Session, account_id: int, site: Newspaper, now: datetime, rules: SiteRules) -> Entitlement:
    """Whether and why the account may write on `site` at `now`. One statement; asks nobody outside.

    `rules` are those of the site. A ban is read here too, so that no caller can find a banned reader entitled.
    """
    return judge(read(session, account_id, site, now), now, rules)


def judge(known: Facts, now: datetime, rules: SiteRules) -> Entitlement:
    """What the rule makes of `known` at `now` by the `rules` of the site."""
    return decide(known, now, rules.entitlement, names_required=rules.payments.names == "required")


def each(session: Session, account_id: int, site: Newspaper, now: datetime, rules: SiteRules) -> dict[str, Entitlement]:
    """What each subscription of the account comes to at `site` taken by itself, by its id: whoever its reader is."""
    rows = session.execute(_statement(), {"account": account_id, "site": site.id, "now": now}).all()
    products, refunds = frozenset(site.products), _by_invoice(rows)
    return {
        row.subscription: decide(Facts(tuple(_of_each(row, products, refunds))), now, rules.entitlement)
        for row in rows
        if row.kind == "subscription"
    }


def read(session: Session, account_id: int, site: Newspaper, now: datetime) -> Facts:
    """What is known of the account: subscriptions, grants on `site`, its name, bans, and who it may have been."""
    rows = session.execute(_statement(), {"account": account_id, "site": site.id, "now": now}).all()
    products, refunds = frozenset(site.products), _by_invoice(rows)
    subscriptions = [row for row in rows if row.kind == "subscription"]
    ban_ends = [row.ends_at for row in rows if row.kind == "ban"]
    return Facts(
        subscriptions=tuple(known for row in subscriptions for known in _of_each(row, products, refunds)),
        grant_ends=tuple(row.ends_at for row in rows if row.kind == "grant"),
        paper_until=next((row.ends_at for row in rows if row.kind == "paper"), None),
        banned=bool(ban_ends),
        banned_until=max(ban_ends) if all(ban_ends) and ban_ends else None,
        name_check=next((row.name_check for row in rows if row.kind == "name"), None),
        identity_review=any(row.kind == "review" for row in rows),
        pending=any(row.kind == "pending" for row in rows),
    )


@cache
def _statement() -> CompoundSelect[Any]:
    """The tables as one; kept, since putting it together takes longer than the database takes to answer."""
    account, now = bindparam("account", type_=BigInteger()), bindparam("now", type_=Instant())
    subscriptions = select(
        _kind("subscription"),
        Subscription.id.label("subscription"),
        Subscription.status,
        Subscription.products,
        Subscription.period_end,
        Subscription.cancel_at,
        Subscription.ended_at,
        Subscription.trial_end,
        Subscription.first_failure_at,
        Subscription.paused,
        func.coalesce(Customer.deleted, False).label("customer_deleted"),
        Customer.features.label("entitled_to"),
        Subscription.features.label("carried"),
        Subscription.periods,
        Subscription.unpaid,
        Subscription.payments,
        Subscription.paid_invoice.label("invoice"),
        Subscription.paid_amount.label("amount"),
        Subscription.deleted,
        Subscription.written_off,
        Subscription.awaited,
        _dispute().label("dispute_status"),
        _fraud_warning().label("fraud_warning"),
    )
    subscriptions = subscriptions.outerjoin(Customer, Customer.id == Subscription.customer_id).where(
        Subscription.account_id == account
    )
    bans = select(_kind("ban"), Sanction.ends_at).where(
        Sanction.account_id.in_(selves.of_mailbox(account)), *_ban_in_force(Sanction, now)
    )
    running = Subscription.deleted.is_(False), ~is_one_of(Subscription.status, CLOSED_STATUSES)
    waiting = select(_kind("pending")).select_from(Subscription).where(pending.by(account), *running)
    name = select(_kind("name"), Account.name_check).where(Account.id == account)
    queries = subscriptions, _refunds(account), *_unpaid(account, now), bans, name, waiting, _reviews(account, now)
    return shared(union_by_name(*queries))


def _refunds(account: Any) -> Any:
    """Of which invoice a charge was given back, and how much of it."""
    given = select(_kind("refund"), Charge.invoice_id.label("invoice"), Charge.amount_refunded.label("amount"))
    of_account = given.join(Subscription, Subscription.id == Charge.subscription_id)
    return of_account.where(Subscription.account_id == account, Charge.amount_refunded > 0)


def _unpaid(account: Any, now: Any) -> tuple[Any, Any]:
    """What lets the account write though it pays nothing here: grants, and the word of the paper's own site."""
    grants = select(_kind("grant"), Grant.until.label("ends_at")).where(
        Grant.account_id == account, Grant.site_id == bindparam("site"), Grant.revoked_at.is_(None), Grant.until > now
    )
    paper = select(_kind("paper"), PaperEntitlement.until.label("ends_at")).where(
        PaperEntitlement.account_id == account, PaperEntitlement.site_id == bindparam("site")
    )
    return grants, paper


def _reviews(account: Any, now: Any) -> Any:
    """Open questions whether the account is the return of somebody who is banned, by whichever ban, at this moment."""
    known_by, ban = aliased(Sanction), aliased(Sanction)
    mine, theirs = aliased(Trait), aliased(Trait)
    returned = exists().where(ban.account_id == known_by.account_id, *_ban_in_force(ban, now))
    # the question was asked of the person, who may be banned under another account of the same mailbox by now
    as_another = exists().where(
        mine.account_id == known_by.account_id,
        selves.surely(mine, theirs),
        ban.account_id == theirs.account_id,
        *_ban_in_force(ban, now),
    )
    return (
        select(_kind("review"))
        .select_from(PaymentCase)
        .join(known_by, known_by.id == PaymentCase.sanction_id)
        .where(
            # a question outlives the account that it was asked about
            PaymentCase.account_id.in_(selves.of_mailbox(account)),
            PaymentCase.kind == POSSIBLE_RETURN,
            PaymentCase.outcome == OPEN,
            is_one_of(PaymentCase.matched, STRONG),
            or_(returned, as_another),
        )
    )


def _ban_in_force(sanction: Any, now: Any) -> tuple[Any, ...]:
    return sanction.kind == BAN, sanction.starts_at <= now, is_in_force(now, sanction)


def _dispute() -> Any:
    """Status of a dispute that stands in the way, of any payment of the subscription."""
    disputed = select(func.min(Charge.dispute_status)).where(
        Charge.subscription_id == Subscription.id,
        is_one_of(Charge.dispute_status, BLOCKING_DISPUTES),
        or_(Charge.dispute_status != LOST, ~_let_be(LOST_DISPUTE)),
    )
    return disputed.correlate(Subscription).scalar_subquery()


def _fraud_warning() -> Any:
    """Whether a bank takes a payment of the subscription for fraud, and nobody has looked into it yet."""
    return exists().where(Charge.subscription_id == Subscription.id, Charge.fraud_warning, ~_let_be(FRAUD_WARNING))


def _let_be(kind: str) -> Any:
    """Whether a moderator has judged a finding about the charge and lets its payer write."""
    judged = exists().where(
        PaymentCase.account_id == Subscription.account_id,
        PaymentCase.kind == kind,
        PaymentCase.reference == Charge.id,
        is_one_of(PaymentCase.outcome, (ALLOWED, DISMISSED)),
    )
    return judged.correlate(Charge, Subscription)


def _kind(kind: str) -> Any:
    """What a row is about."""
    return literal(kind).label("kind")


def _granting(row: Any, sold: frozenset[str]) -> frozenset[str]:
    """The products and prices of a subscription that let its reader write where these names are `sold`.

    A feature counts for the subscription that carries it, while Stripe says that its customer is entitled to it.
    """
    by_feature = [row.carried[key] for key in sold.intersection(row.entitled_to or ()) if key in row.carried]
    return sold.intersection(row.products).union(*by_feature)


def _by_invoice(rows: Sequence[Any]) -> dict[str, int]:
    """How much was given back, of however many charges."""
    refunds: dict[str, int] = {}
    for row in rows:
        if row.kind == "refund":
            refunds[row.invoice] = refunds.get(row.invoice, 0) + row.amount
    return refunds


def _of_each(row: Any, sold: frozenset[str], refunds: Mapping[str, int]) -> list[SubscriptionFacts]:
    """What a row says of each item that lets its reader write where these names are `sold`; where that is all one, or
    none, of the whole subscription.
    """
    granting = _granting(row, sold)
    prices = [price for price, item in row.periods.items() if granting & {price, item["product"]}]
    return [_facts(row, granting, refunds, price) for price in prices] or [_facts(row, granting, refunds)]


def _is_given_back(row: Any, refunds: Mapping[str, int], price: str | None) -> bool:
    """Whether all that the latest payment brought has been refunded, for the item where each has a period of its own;
    that of an older one changes nothing.
    """
    latest = {"invoice": row.invoice, "amount": row.amount}
    paid = row.payments.get(price) if price and row.payments else latest
    return bool(paid and paid["amount"] and refunds.get(paid["invoice"], 0) >= paid["amount"])


def _facts(
    row: Any, granting: frozenset[str], refunds: Mapping[str, int], price: str | None = None
) -> SubscriptionFacts:
    """Where only some items are unpaid, what Stripe says of the subscription is not so of each."""
    status, failed_at, written_off = row.status, row.first_failure_at, row.written_off
    if price and row.unpaid and status in ("active", "past_due"):
        failed_at = optional_moment(row.unpaid.get(price))
        status = "past_due" if failed_at else "active"
        written_off = price in row.unpaid and failed_at is None
    return SubscriptionFacts(
        status=status,
        granting=bool(granting),
        customer_deleted=row.deleted or row.customer_deleted,
        period_end=moment(row.periods[price]["end"]) if price else row.period_end,
        cancel_at=row.cancel_at,
        ended_at=row.ended_at,
        trial_end=row.trial_end,
        paid_before=row.invoice is not None,
        past_due_since=failed_at,
        pause_behavior=row.paused,
        dispute_status=row.dispute_status,
        fraud_warning=row.fraud_warning,
        refunded=bool(refunds) and _is_given_back(row, refunds, price),
        written_off=written_off,
        awaited=row.awaited,
    )
