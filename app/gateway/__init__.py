"""Stripe, as the rest of us sees it: calls that take and give plain values, and its JSON read into our own words.

Nothing here opens the database or knows an account of ours. Nothing outside imports the SDK or reads Stripe's JSON.
"""
