"""Who pays: by what a payer is known again after a ban, what a person is asked about it, and under which name they pay.

It knows Stripe's objects and the accounts, and nothing of subscriptions: those ask here.
"""
