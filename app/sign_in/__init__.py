"""How somebody comes to an account and into it: sign-up, log-in, passwords and the tokens of the API."""
