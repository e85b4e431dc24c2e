"""What other programs call: Stripe's webhook, and clients of the Perspective API."""
