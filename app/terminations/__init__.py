"""A subscription that the paper ends: proposed, approved by a second person, carried out step by step at Stripe."""
