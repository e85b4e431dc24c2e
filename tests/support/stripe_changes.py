"""What can happen to one subscription at Stripe, one verb each; every verb makes one change and gives its event, or
None where it cannot happen now."""

from collections.abc import Callable

from tests.support.stripe_bills import DAY, Bills, Period, Term, moment
from tests.support.stripe_truth import Object, Truth

MONTH, YEAR = 30 * DAY, 365 * DAY
# sold by its id; sold at another site; sold by the feature that it carries
PRODUCT, OTHER_PRODUCT, BUNDLE = "prod_comments", "prod_crosswords", "prod_bundle"
FEATURE = "write_comments"
STATUSES = ("active", "trialing", "unpaid", "paused", "canceled", "hibernating")
# what Stripe counts among those who have a right to what they subscribe to
ENTITLING = ("active", "past_due", "trialing")
ENDED = ("canceled", "incomplete_expired")


class Contract:
    """One subscription, its customer, its invoices and their charges."""

    def __init__(self, truth: Truth, number: int, account_id: int | None, customer: str = "") -> None:
        self.truth = truth
        self.id, self.customer = f"sub_{number}", customer or f"cus_{number}"
        self.bills = Bills(truth, self.id)
        self._account_id = account_id

    @property
    def now_at_stripe(self) -> Object | None:
        return self.truth.all("subscriptions").get(self.id)

    def begin(self, how: str = "begins") -> Object:
        """In one of the ways BEGINNINGS. `account_id` None: bought somewhere that wrote no account on it."""
        started = self.truth.seconds()
        if self.customer not in self.truth.all("customers"):
            named = {"id": self.customer, "object": "customer", "created": started, "livemode": False}
            self.truth.save("customers", named)
        item = self._item_of(PRODUCT, started, started + MONTH)
        statuses = {"first payment failed": "incomplete", "trial begins": "trialing"}
        self.truth.save(
            "subscriptions",
            {
                "id": self.id,
                "object": "subscription",
                "collection_method": "send_invoice" if how == "first bill sent" else "charge_automatically",
                "customer": self.customer,
                "created": started,
                "status": statuses.get(how, "active"),
                "livemode": False,
                "metadata": {"account_id": str(self._account_id)} if self._account_id else {},
                "items": {"object": "list", "data": [item], "has_more": False},
                "latest_invoice": None,
                "cancel_at": None,
                "cancel_at_period_end": False,
                "canceled_at": None,
                "ended_at": None,
                "trial_end": None,
                "pause_collection": None,
            },
        )
        free = how in ("trial begins", "free month begins")
        first = self._invoice(self.bills.month, total=0 if free else 500)
        if how == "begins":
            self.bills.pay(first)
        elif how == "first debit begins":
            self.bills.begin_debit(first)
        elif how == "first payment failed":
            self.bills.fail(self.bills.month)
        return self._tell("customer.subscription.created", self._subscription)

    def take_status(self, status: str) -> Object:
        ended = self.truth.seconds() if status == "canceled" else None
        self._subscription.update(status=status, ended_at=ended, canceled_at=ended)
        return self._tell(f"customer.subscription.{'deleted' if ended else 'updated'}", self._subscription)

    def schedule_end(self, *, by_time: bool) -> Object:
        """The Portal names the time, the API sets the flag."""
        self._subscription.update(cancel_at=self._period_end if by_time else None, cancel_at_period_end=not by_time)
        return self._updated()

    def withdraw_end(self) -> Object:
        self._subscription.update(cancel_at=None, cancel_at_period_end=False)
        return self._updated()

    def pay_first(self) -> Object:
        """The first invoice after all; the one event that is told is that of the invoice."""
        self._subscription["status"] = "active"
        return self._tell("invoice.paid", self.bills.pay(self.bills.month.own))

    def renew(self, *parts: int) -> Object:
        """The one event that is told is that of the invoice."""
        invoice = self._next_period()
        return self._tell("invoice.paid", self.bills.pay(invoice, *parts))

    def renew_for_nothing(self) -> Object:
        """A coupon makes the period free."""
        return self._tell("invoice.paid", self._next_period(total=0))

    def fail_to_renew(self) -> Object:
        # a bill that nobody has tried to collect fails only when it falls due
        self._subscription["collection_method"] = "charge_automatically"
        self._next_period("past_due")
        return self._tell("invoice.payment_failed", self.bills.fail(self.bills.month))

    def begin_debit(self) -> Object:
        """The next period is to be paid by a debit that takes days."""
        return self._tell("invoice.finalized", self.bills.begin_debit(self._next_period()))

    def debit_arrives(self) -> Object | None:
        if self.bills.month.period is not Period.ON_ITS_WAY:
            return None
        return self._tell("invoice.paid", self.bills.pay(self.bills.month.own))

    def debit_bounces(self) -> Object | None:
        if self.bills.month.period is not Period.ON_ITS_WAY:
            return None
        self._subscription["status"] = "past_due"
        return self._tell("invoice.payment_failed", self.bills.fail(self.bills.month, days_ago=8))

    def send_bill(self) -> Object:
        self._subscription["collection_method"] = "send_invoice"
        return self._tell("invoice.finalized", self._next_period())

    def bill_falls_due(self) -> Object | None:
        if self.bills.month.period is not Period.BILLED:
            return None
        self.bills.fall_due()
        self._subscription["status"] = "past_due"
        return self._updated()

    def pay_late(self, term: Term) -> Object | None:
        """A bill, or what could not be collected."""
        if term.period not in (Period.BILLED, Period.FAILED, Period.WRITTEN_OFF) or term.own["status"] == "void":
            return None
        self._subscription["status"] = "active"
        return self._tell("invoice.paid", self.bills.pay(term.own))

    def close_period(self, term: Term, status: str) -> Object | None:
        """The period's invoice is void or uncollectible; Stripe calls the subscription active again all the same."""
        if term.own.get("status") != "open":
            return None
        self._subscription["status"] = "active"
        kinds = {"void": "invoice.voided", "uncollectible": "invoice.marked_uncollectible"}
        return self._tell(kinds[status], self.bills.close(term.own, status))

    def switch(self, total: int, status: str = "paid") -> Object:
        """A change of plan in the middle of the period, with an invoice of its own, which is paid or closed unpaid."""
        invoice = self._invoice(None, total=total)
        if status == "paid" and total > 0:
            self.bills.pay(invoice)
        elif status != "paid":
            self.bills.close(invoice, status)
        return self._updated()

    def exchange_product(self, product: str) -> Object:
        self._item["price"]["product"] = product
        return self._updated()

    def add_item(self) -> Object | None:
        """Another product, by the year, which is paid at once."""
        items = self._subscription["items"]["data"]
        if len(items) > 1:
            return None
        started = self.truth.seconds()
        items.append(self._item_of(OTHER_PRODUCT, started, started + YEAR))
        self.bills.pay(self._invoice(self.bills.year))
        return self._updated()

    def renew_year(self) -> Object | None:
        """Stripe calls the subscription active, whatever became of the month."""
        if not self.bills.year.own:
            return None
        return self._tell("invoice.paid", self.bills.pay(self._next_year("active")))

    def fail_to_renew_year(self) -> Object | None:
        if not self.bills.year.own:
            return None
        self._next_year("past_due")
        return self._tell("invoice.payment_failed", self.bills.fail(self.bills.year))

    def pause(self, behavior: str | None) -> Object:
        self._subscription["pause_collection"] = {"behavior": behavior} if behavior else None
        return self._updated()

    def refund(self, share: int) -> Object | None:
        """Give back a quarter of the latest charge, or all that is left of it."""
        if not self.charges:
            return None
        charge = self.latest_charge
        amount = min(charge["amount"] * share // 4, charge["amount"] - charge["amount_refunded"])
        if not amount:
            return None
        refund = {"id": self.truth.new_id("re"), "object": "refund", "livemode": False, "status": "succeeded"}
        named = {"charge": charge["id"], "payment_intent": charge["payment_intent"], "created": self.truth.seconds()}
        self.truth.save("refunds", refund | named | {"amount": amount})
        self._count_refunds(charge)
        return self._tell("charge.refunded", charge)

    def lose_refund(self) -> Object | None:
        """The latest refund failed, and the money is back with us; told of the refund alone."""
        given = [each for charge in self.charges[-1:] for each in self._refunds_of(charge)]
        given = [each for each in given if each["status"] == "succeeded"]
        if not given:
            return None
        given[-1]["status"] = "failed"
        self._count_refunds(self.latest_charge)
        return self._tell("refund.failed", given[-1])

    def _refunds_of(self, charge: Object) -> list[Object]:
        return [each for each in self.truth.all("refunds").values() if each["charge"] == charge["id"]]

    def _count_refunds(self, charge: Object) -> None:
        amount = sum(each["amount"] for each in self._refunds_of(charge) if each["status"] == "succeeded")
        charge.update(amount_refunded=amount, refunded=amount == charge["amount"])

    def dispute(self, status: str) -> Object | None:
        """Of the latest charge; the same dispute where there is one."""
        if not self.charges:
            return None
        charge = self.latest_charge
        known = [each for each in self.truth.all("disputes").values() if each["charge"] == charge["id"]]
        dispute = known[0] if known else self._new_dispute(charge)
        dispute["status"], charge["disputed"] = status, True
        closed = status in ("won", "lost", "warning_closed")
        kind = "closed" if closed else "updated" if known else "created"
        return self._tell(f"charge.dispute.{kind}", dispute)

    def lose_customer(self) -> Object:
        """Somebody deletes the customer, which ends all their subscriptions without another word."""
        now = self.truth.seconds()
        self.truth.save("customers", {"id": self.customer, "object": "customer", "deleted": True})
        for each in self.truth.all("subscriptions").values():
            if each["customer"] == self.customer and each["status"] not in ENDED:
                each.update(status="canceled", ended_at=now, canceled_at=now)
        return self._tell("customer.deleted", {"id": self.customer, "object": "customer", "livemode": False})

    def vanish(self) -> Object:
        """Stripe has no such subscription any more, as after test data was deleted."""
        return self._tell("customer.subscription.deleted", self.truth.all("subscriptions").pop(self.id))

    @property
    def is_customer_deleted(self) -> bool:
        return bool(self.truth.all("customers").get(self.customer, {}).get("deleted"))

    @property
    def charges(self) -> list[Object]:
        return self.bills.charges

    def dispute_of(self, charge: Object) -> str | None:
        disputes = self.truth.all("disputes").values()
        return next((each["status"] for each in disputes if each["charge"] == charge["id"]), None)

    @property
    def latest_charge(self) -> Object:
        return self.charges[-1]

    @property
    def _subscription(self) -> Object:
        return self.truth.all("subscriptions")[self.id]

    @property
    def _item(self) -> Object:
        item: Object = self._subscription["items"]["data"][0]
        return item

    @property
    def _period_end(self) -> int:
        return int(self._item["current_period_end"])

    def _item_of(self, product: str, start: int, end: int) -> Object:
        price = {"id": f"price_of_{product}", "object": "price", "product": product, "unit_amount": 500}
        named = {"id": self.truth.new_id("si"), "object": "subscription_item", "price": price}
        return named | {"current_period_start": start, "current_period_end": end}

    def _next_period(self, status: str = "active", total: int = 500) -> Object:
        """The next period begins, with its invoice."""
        self._subscription["status"] = status
        self._item.update(current_period_start=self._period_end, current_period_end=self._period_end + MONTH)
        return self._invoice(self.bills.month, total=total)

    def _next_year(self, status: str) -> Object:
        year = self._subscription["items"]["data"][1]
        self._subscription.update(status=status, collection_method="charge_automatically")
        end = year["current_period_end"]
        year.update(current_period_start=end, current_period_end=end + YEAR)
        return self._invoice(self.bills.year)

    def _invoice(self, term: Term | None, *, total: int = 500) -> Object:
        """That of the present period of an item, or of none: of a change of plan."""
        item = self._subscription["items"]["data"][1] if term is self.bills.year else self._item
        bill = term is self.bills.month and self._subscription["collection_method"] == "send_invoice"
        invoice = self.bills.draw(self.customer, item, term, total=total, bill=bill)
        self._subscription["latest_invoice"] = invoice["id"]
        return invoice

    def _updated(self) -> Object:
        return self._tell("customer.subscription.updated", self._subscription)

    def _tell(self, kind: str, thing: Object) -> Object:
        """The one event of a change. What else Stripe keeps by itself, an entitlement, is brought up to it."""
        feature = {"id": "prodft_1", "object": "product_feature", "livemode": False, "product": BUNDLE}
        entitling = {"lookup_key": FEATURE, "active": True}
        self.truth.save("products.features", feature | {"entitlement_feature": entitling})
        mine = [each for each in self.truth.all("subscriptions").values() if each["customer"] == self.customer]
        entitled = any(each["status"] in ENTITLING and BUNDLE in products_of(each) for each in mine)
        active, identifier = self.truth.all("entitlements.active_entitlements"), f"ent_{self.customer}"
        active.pop(identifier, None)
        if entitled:
            active[identifier] = {"id": identifier, "customer": self.customer, "lookup_key": FEATURE, "livemode": False}
        return self.truth.event(kind, thing)

    def _new_dispute(self, charge: Object) -> Object:
        named = {"charge": charge["id"], "payment_intent": charge["payment_intent"]}
        named["amount"] = charge["amount"]
        made = {"id": self.truth.new_id("dp"), "object": "dispute", "created": self.truth.seconds(), "livemode": False}
        return self.truth.save("disputes", made | named)


def products_of(subscription: Object) -> set[str]:
    return {item["price"]["product"] for item in subscription["items"]["data"]}


# how a subscription may begin, and no other can change to
BEGINNINGS = ("first payment failed", "trial begins", "free month begins", "first debit begins", "first bill sent")
VERBS: dict[str, Callable[[Contract], Object | None]] = {
    **{status: (lambda contract, status=status: contract.take_status(status)) for status in STATUSES},  # type: ignore[misc]
    **{how: (lambda contract, how=how: contract.begin(how)) for how in BEGINNINGS},  # type: ignore[misc]
    "first payment made": Contract.pay_first,
    "end scheduled by time": lambda contract: contract.schedule_end(by_time=True),
    "end scheduled by flag": lambda contract: contract.schedule_end(by_time=False),
    "end withdrawn": Contract.withdraw_end,
    "renewed": Contract.renew,
    "renewed in two payments": lambda contract: contract.renew(400, 100),
    "renewed for nothing": Contract.renew_for_nothing,
    "renewal failed": Contract.fail_to_renew,
    "debit begun": Contract.begin_debit,
    "debit arrived": Contract.debit_arrives,
    "debit bounced": Contract.debit_bounces,
    "bill sent": Contract.send_bill,
    "bill fell due": Contract.bill_falls_due,
    "paid late": lambda contract: contract.pay_late(contract.bills.month),
    "period voided": lambda contract: contract.close_period(contract.bills.month, "void"),
    "period written off": lambda contract: contract.close_period(contract.bills.month, "uncollectible"),
    "year renewed": Contract.renew_year,
    "year failed": Contract.fail_to_renew_year,
    "year paid late": lambda contract: contract.pay_late(contract.bills.year),
    "year voided": lambda contract: contract.close_period(contract.bills.year, "void"),
    "year written off": lambda contract: contract.close_period(contract.bills.year, "uncollectible"),
    "plan switched for nothing": lambda contract: contract.switch(-100),
    "plan switched for money": lambda contract: contract.switch(300),
    "switch voided": lambda contract: contract.switch(300, "void"),
    "switch written off": lambda contract: contract.switch(300, "uncollectible"),
    "product exchanged": lambda contract: contract.exchange_product(OTHER_PRODUCT),
    "product taken again": lambda contract: contract.exchange_product(PRODUCT),
    "bundle taken": lambda contract: contract.exchange_product(BUNDLE),
    "item added": Contract.add_item,
    "paused as void": lambda contract: contract.pause("void"),
    "paused as draft": lambda contract: contract.pause("keep_as_draft"),
    "pause over": lambda contract: contract.pause(None),
    "refunded": lambda contract: contract.refund(4),
    "partly refunded": lambda contract: contract.refund(1),
    "refund failed": Contract.lose_refund,
    "asked about": lambda contract: contract.dispute("warning_needs_response"),
    "disputed": lambda contract: contract.dispute("needs_response"),
    "dispute won": lambda contract: contract.dispute("won"),
    "dispute lost": lambda contract: contract.dispute("lost"),
    "customer deleted": Contract.lose_customer,
    "vanished": Contract.vanish,
}

# what goes together: each with a way or two in which the money comes
THEMES = (
    ["first debit begins", "trial begins", "free month begins", "debit begun", "debit arrived", "debit bounced"],
    ["first bill sent", "bill sent", "bill fell due", "paid late", "renewed"],
    ["plan switched for nothing", "plan switched for money", "switch voided", "switch written off", "renewed"],
    ["renewal failed", "period voided", "period written off", "paid late", "active", "paused as void", "pause over"],
    ["bundle taken", "product exchanged", "product taken again", "item added"],
    ["renewal failed", "period written off", "plan switched for nothing", "plan switched for money"],
    ["item added", "year renewed", "year failed", "year paid late", "year voided", "year written off", "renewed"],
    ["item added", "year renewed", "renewed", "refunded", "partly refunded"],
    ["refunded", "partly refunded", "refund failed", "renewed for nothing", "renewed in two payments"],
    ["asked about", "disputed"],
    ["disputed", "dispute won", "dispute lost", "renewed"],
    ["end scheduled by time", "end scheduled by flag", "end withdrawn", "customer deleted", "vanished", *STATUSES],
)

# what alone can happen to a subscription whose first invoice is open, and never to another
FROM_INCOMPLETE = ("first payment made", "canceled", "customer deleted", "vanished")


def may_happen(verb: str, status: str) -> bool:
    """Whether Stripe knows this change of a subscription that is there and has not ended."""
    if status == "incomplete":
        return verb in FROM_INCOMPLETE
    return verb not in (*BEGINNINGS, "first payment made")


__all__ = ["BEGINNINGS", "BUNDLE", "FEATURE", "OTHER_PRODUCT", "PRODUCT", "VERBS", "Contract", "may_happen", "moment"]
