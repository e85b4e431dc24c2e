"""The lines of an invoice: what each costs, and for which time. An invoice shows the first ten, a call lists all."""

from app.simulator.store import Object, new_id

LINES_SHOWN = 10


def of_period(subscription: Object, invoice_id: str) -> list[Object]:
    """A line for each thing that is subscribed to, for its present period."""
    return [_line(subscription, item, invoice_id) for item in subscription["items"]["data"]]


def put(invoice: Object, lines: list[Object]) -> Object:
    """Give the invoice these lines."""
    url = f"/v1/invoices/{invoice['id']}/lines"
    shown = {"object": "list", "data": lines[:LINES_SHOWN], "has_more": len(lines) > LINES_SHOWN, "url": url}
    return invoice | {"lines": shown, "_lines": lines}


def moved_back(invoice: Object, seconds: int) -> Object:
    """The invoice, whose lines were for times so many seconds earlier."""
    for line in invoice["_lines"]:
        line["period"] = {name: moment - seconds for name, moment in line["period"].items()}
    return put(invoice, invoice["_lines"])


def _line(subscription: Object, item: Object, invoice_id: str) -> Object:
    price = item["price"]
    amount = price["unit_amount"] * item["quantity"]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": None,
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
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
