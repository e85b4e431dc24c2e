"""What can happen to one subscription at Stripe, one verb each; every verb makes one change and gives its event."""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.support.stripe_truth import Object, Truth

MONTH = 30 * 24 * 3600
PRODUCT, OTHER_PRODUCT = "prod_comments", "prod_crosswords"
STATUSES = ("active", "trialing", "unpaid", "paused", "canceled", "hibernating")


class Contract:
    """One subscription, its customer, its invoices and their charges."""

    def __init__(self, truth: Truth, number: int, account_id: int | None) -> None:
        self.truth = truth
        self.id, self.customer = f"sub_{number}", f"cus_{number}"
        self._account_id = account_id

    @property
    def now_at_stripe(self) -> Object | None:
        return self.truth.all("subscriptions").get(self.id)

    def begin(self, *, paid: bool = True) -> Object:
        """`account_id` None: bought somewhere that wrote no account on it. Not `paid`: the first payment failed."""
        started = self.truth.seconds()
        self.truth.save("customers", {"id": self.customer, "object": "customer", "created": started, "livemode": False})
        price = {"id": "price_1", "object": "price", "product": PRODUCT}
        item = {
            "id": self.truth.new_id("si"),
            "object": "subscription_item",
            "price": price,
            "current_period_start": started,
            "current_period_end": started + MONTH,
        }
        self.truth.save(
            "subscriptions",
            {
                "id": self.id,
                "object": "subscription",
                "customer": self.customer,
                "created": started,
                "status": "active" if paid else "incomplete",
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
        self._invoice(paid=paid)
        return self.truth.event("customer.subscription.created", self._subscription)

    def take_status(self, status: str) -> Object:
        ended = self.truth.seconds() if status == "canceled" else None
        self._subscription.update(status=status, ended_at=ended, canceled_at=ended)
        return self.truth.event(f"customer.subscription.{'deleted' if ended else 'updated'}", self._subscription)

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
        first = self.truth.all("invoices")[self._subscription["latest_invoice"]]
        first.update(amount_paid=500, status="paid")
        first["status_transitions"]["paid_at"] = self.truth.seconds()
        self._charge(first)
        return self.truth.event("invoice.paid", first)

    def renew(self) -> Object:
        """The one event that is told is that of the invoice."""
        self._subscription["status"] = "active"
        self._next_period()
        return self.truth.event("invoice.paid", self._invoice(paid=True))

    def fail_to_renew(self) -> Object:
        self._subscription["status"] = "past_due"
        self._next_period()
        return self.truth.event("invoice.payment_failed", self._invoice(paid=False))

    def exchange_product(self) -> Object:
        price = self._item["price"]
        price["product"] = OTHER_PRODUCT if price["product"] == PRODUCT else PRODUCT
        return self._updated()

    def pause(self, behavior: str | None) -> Object:
        self._subscription["pause_collection"] = {"behavior": behavior} if behavior else None
        return self._updated()

    def refund(self, share: int) -> Object | None:
        """Give back a quarter of the latest charge, or all that is left of it."""
        charge = self.latest_charge
        amount = min(charge["amount"] * share // 4, charge["amount"] - charge["amount_refunded"])
        if not amount:
            return None
        refund = {"id": self.truth.new_id("re"), "object": "refund", "livemode": False, "status": "succeeded"}
        named = {"charge": charge["id"], "payment_intent": charge["payment_intent"], "created": self.truth.seconds()}
        self.truth.save("refunds", refund | named | {"amount": amount})
        self._count_refunds(charge)
        return self.truth.event("charge.refunded", charge)

    def lose_refund(self) -> Object | None:
        """The latest refund failed, and the money is back with us; told of the refund alone."""
        charge = self.latest_charge
        given = [each for each in self._refunds_of(charge) if each["status"] == "succeeded"]
        if not given:
            return None
        given[-1]["status"] = "failed"
        self._count_refunds(charge)
        return self.truth.event("refund.failed", given[-1])

    def _refunds_of(self, charge: Object) -> list[Object]:
        return [each for each in self.truth.all("refunds").values() if each["charge"] == charge["id"]]

    def _count_refunds(self, charge: Object) -> None:
        amount = sum(each["amount"] for each in self._refunds_of(charge) if each["status"] == "succeeded")
        charge.update(amount_refunded=amount, refunded=amount == charge["amount"])

    def dispute(self, status: str) -> Object:
        """Of the latest charge; the same dispute where there is one."""
        charge = self.latest_charge
        known = [each for each in self.truth.all("disputes").values() if each["charge"] == charge["id"]]
        dispute = known[0] if known else self._new_dispute(charge)
        dispute["status"], charge["disputed"] = status, True
        closed = status in ("won", "lost", "warning_closed")
        return self.truth.event(f"charge.dispute.{'closed' if closed else 'created'}", dispute)

    def lose_customer(self) -> Object:
        """Somebody deletes the customer, which ends the subscription without another word."""
        now = self.truth.seconds()
        self.truth.save("customers", {"id": self.customer, "object": "customer", "deleted": True})
        self._subscription.update(status="canceled", ended_at=now, canceled_at=now)
        return self.truth.event("customer.deleted", {"id": self.customer, "object": "customer", "livemode": False})

    def vanish(self) -> Object:
        """Stripe has no such subscription any more, as after test data was deleted."""
        return self.truth.event("customer.subscription.deleted", self.truth.all("subscriptions").pop(self.id))

    @property
    def is_customer_deleted(self) -> bool:
        return bool(self.truth.all("customers")[self.customer].get("deleted"))

    @property
    def charges(self) -> list[Object]:
        return [each for each in self.truth.all("charges").values() if each["customer"] == self.customer]

    @property
    def paid_invoice(self) -> str | None:
        """The latest that was paid."""
        mine = [each for each in self.truth.all("invoices").values() if each["customer"] == self.customer]
        return next((each["id"] for each in reversed(mine) if each["status"] == "paid"), None)

    def invoice_of(self, charge: Object) -> str:
        """What a charge paid for."""
        payments = self.truth.all("invoice_payments").values()
        intents = {each["payment"]["payment_intent"]: each["invoice"] for each in payments}
        return str(intents[charge["payment_intent"]])

    def dispute_of(self, charge: Object) -> str | None:
        disputes = self.truth.all("disputes").values()
        return next((each["status"] for each in disputes if each["charge"] == charge["id"]), None)

    @property
    def latest_charge(self) -> Object:
        return self.charges[-1]

    @property
    def first_failure_at(self) -> datetime | None:
        mine = [each for each in self.truth.all("invoices").values() if each["customer"] == self.customer]
        unpaid = [each["status_transitions"]["finalized_at"] for each in mine if each["status"] == "open"]
        return moment(min(unpaid, default=None))

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

    def _next_period(self) -> None:
        self._item.update(current_period_start=self._period_end, current_period_end=self._period_end + MONTH)

    def _updated(self) -> Object:
        return self.truth.event("customer.subscription.updated", self._subscription)

    def _invoice(self, *, paid: bool) -> Object:
        created = self.truth.seconds()
        invoice = {
            "id": self.truth.new_id("in"),
            "object": "invoice",
            "created": created,
            "customer": self.customer,
            "amount_paid": 500 if paid else 0,
            "livemode": False,
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": self.id}},
            "period_end": self._period_end,
            "status": "paid" if paid else "open",
            "status_transitions": {"finalized_at": created, "paid_at": created if paid else None},
        }
        self._subscription["latest_invoice"] = invoice["id"]
        if paid:
            self._charge(invoice)
        return self.truth.save("invoices", invoice)

    def _charge(self, invoice: Object) -> None:
        intent = self.truth.new_id("pi")
        self.truth.save(
            "invoice_payments",
            {
                "id": self.truth.new_id("inpay"),
                "object": "invoice_payment",
                "invoice": invoice["id"],
                "livemode": False,
                "payment": {"type": "payment_intent", "payment_intent": intent},
                "status": "paid",
            },
        )
        self.truth.save(
            "charges",
            {
                "id": self.truth.new_id("ch"),
                "object": "charge",
                "amount": 500,
                "amount_refunded": 0,
                "created": invoice["created"],
                "currency": "gbp",
                "customer": self.customer,
                "disputed": False,
                "livemode": False,
                "payment_intent": intent,
                "refunded": False,
                "status": "succeeded",
            },
        )

    def _new_dispute(self, charge: Object) -> Object:
        named = {"charge": charge["id"], "payment_intent": charge["payment_intent"]}
        named["amount"] = charge["amount"]
        made = {"id": self.truth.new_id("dp"), "object": "dispute", "created": self.truth.seconds(), "livemode": False}
        return self.truth.save("disputes", made | named)


VERBS: dict[str, Callable[[Contract], Object | None]] = {
    **{status: (lambda contract, status=status: contract.take_status(status)) for status in STATUSES},  # type: ignore[misc]
    "first payment failed": lambda contract: contract.begin(paid=False),
    "first payment made": Contract.pay_first,
    "end scheduled by time": lambda contract: contract.schedule_end(by_time=True),
    "end scheduled by flag": lambda contract: contract.schedule_end(by_time=False),
    "end withdrawn": Contract.withdraw_end,
    "renewed": Contract.renew,
    "renewal failed": Contract.fail_to_renew,
    "product exchanged": Contract.exchange_product,
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

# what alone can happen to a subscription whose first invoice is open, and never to another
FROM_INCOMPLETE = ("first payment made", "canceled", "customer deleted", "vanished")
UNPAID = ("first payment failed", "first payment made")


def may_happen(verb: str, status: str) -> bool:
    """Whether Stripe knows this change of a subscription that is there and has not ended."""
    return verb in FROM_INCOMPLETE if status == "incomplete" else verb not in UNPAID


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
