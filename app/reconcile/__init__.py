"""What no webhook told: Stripe's lists are read on and compared with what we have, and how well we hear is measured."""
