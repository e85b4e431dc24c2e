"""Signing in by the paper's word: its token is exchanged for a session of ours, in one browser session."""

from contextlib import suppress
from dataclasses import dataclass

from app.accounts import identity, names
from app.accounts.identity import ANONYMOUS, Identity
from app.billing import subscriptions
from app.errors import Malformed
from app.gateway.client import StripeUnavailable, WrongMode
from app.gateway.values import MalformedObject
from app.installation import Installation
from app.sign_in import foreign_accounts, spent_tokens
from app.sign_in.foreign_log_in import ForeignLogIn
from app.sign_in.paper_tokens import PaperToken
from app.sign_in.spent_tokens import USED
from app.toxicity.scorer import Answer, Unavailable


@dataclass(frozen=True)
class PaperSession:
    """Who is signed in, and in which session; another one each time but for the same token in the same browser."""

    caller: Identity
    session_id: str


def exchange(it: Installation, token: PaperToken, browser: str) -> PaperSession:
    """The session that `token` is good for. `browser` is a secret that tells this browser session from others.

    Raises Malformed (422, "sso_used"), Forbidden (403, "staff"). Asks the scorer and Stripe, at the first log-in with
    this name or customer: call it outside of a transaction.
    """
    log_in = token.log_in
    with it.database.reading() as session:
        is_new = foreign_accounts.known(session, log_in) is None
    scored = score_name(it, log_in) if is_new else Unavailable("no new name")
    with it.database.transaction() as session:
        session_id = spent_tokens.spend(session, it.settings, token, browser)
        account, linked = foreign_accounts.arrive(session, it, token.site.id, log_in, scored)
        caller = identity.load(session, account.id, account.session_epoch, session_id)
    if caller is ANONYMOUS:  # somebody has signed out of it
        raise Malformed("sso_used", USED, field="token")
    if linked:
        with suppress(StripeUnavailable, MalformedObject, WrongMode):  # then a worker does it
            subscriptions.refresh_linked(it, account.id)
    return PaperSession(caller, session_id)


def score_name(it: Installation, log_in: ForeignLogIn) -> Answer:
    """What the scorer says of the name of somebody new."""
    return it.scorer.score([log_in.name[: names.MOST_CHARACTERS]], it.settings.scorer_deadline_ms / 1000)
