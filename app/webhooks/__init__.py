"""Tells a newspaper's own systems what has happened: signed, at least once, and of one comment in order.

The row in `webhook_deliveries` is the message, written in the transaction that causes it (`events`). A sender takes one
webhook at a time (`deliveries`), puts the body together from what is true then (`bodies`), and signs it as Standard
Webhooks does (`signature`). docs/webhooks.md says what a receiver may count on.
"""
