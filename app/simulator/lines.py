"""The lines of an invoice: what each costs, and for which time. An invoice shows the first ten, a call lists all."""

from app.simulator.store import Object, new_id

LINES_SHOWN = 10


def of_period(subscription: Object, *, free: bool = False) -> list[Object]:
    """A line for each thing that is subscribed to, for its present period; for nothing where that is `free`."""
    lines = []
    for item in subscription["items"]["data"]:
        amount = 0 if free else item["price"]["unit_amount"] * item["quantity"]
        lines.append(_line(subscription, item, item["price"], amount))
    return lines


def of_switch(subscription: Object, item: Object, former: Object, since: int) -> list[Object]:
    """What is left of the period at the former price, as a credit, and at the one that the item has now."""
    start, end = item["current_period_start"], item["current_period_end"]
    share = (end - since) / (end - start)
    signed = ((-1, former), (1, item["price"]))
    return [
        _line(subscription, item, price, round(sign * price["unit_amount"] * share), proration_since=since)
        for sign, price in signed
    ]


def put(invoice: Object, lines: list[Object]) -> Object:
    """Give the invoice these lines."""
    for line in lines:
        line["invoice"] = invoice["id"]
    url = f"/v1/invoices/{invoice['id']}/lines"
    shown = {"object": "list", "data": lines[:LINES_SHOWN], "has_more": len(lines) > LINES_SHOWN, "url": url}
    return invoice | {"lines": shown, "_lines": lines}


def moved_back(invoice: Object, seconds: int) -> Object:
    """The invoice, whose lines were for times so many seconds earlier."""
    for line in invoice["_lines"]:
        line["period"] = {name: moment - seconds for name, moment in line["period"].items()}
    return put(invoice, invoice["_lines"])


def _line(
    subscription: Object, item: Object, price: Object, amount: int, *, proration_since: int | None = None
) -> Object:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration_since is not None,
                "proration_details": None,
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": proration_since or item["current_period_start"], "end": item["current_period_end"]},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": item["quantity"],
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }
