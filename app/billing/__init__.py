"""Subscriptions: what Stripe says, kept as local facts, and what those facts allow a reader to do.

An event is a hint, the object at Stripe is the truth, the local clock is the limit.
"""
