"""Subscriptions that are somebody's and do not count for them yet, since what they are paid with is not known.

Whoever has a customer has proven that they pay. Whether they are a banned reader shows only in what they pay with, and
Stripe has to be asked for that: until then a subscription has no account, though its customer has one.
"""

from typing import Any

from sqlalchemy import ColumnElement, select

from app.models import Customer, Subscription


def by(account_id: Any) -> ColumnElement[bool]:
    """Whether a subscription is pending though its customer belongs to the account (an id, or SQL for one)."""
    mine = select(Customer.id).where(Customer.account_id == account_id)
    return Subscription.account_id.is_(None) & Subscription.customer_id.in_(mine)
