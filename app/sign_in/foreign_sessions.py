"""Signing in by a log-in elsewhere: what is said there is exchanged for a session of ours."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

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
class ForeignSession:
    """Who is signed in, and in which session."""

    caller: Identity
    session_id: str


def of_paper(it: Installation, token: PaperToken, browser: str) -> ForeignSession:
    """The session that a token of the paper is good for: another one each time, but for the same token in the same
    browser session, of which `browser` is a secret.

    Raises Malformed (422, "sso_used"), Forbidden (403, "staff"). Asks the scorer and Stripe, at the first log-in with
    this name or customer: call it outside of a transaction.
    """
    return _begin(
        it, token.site.id, token.log_in, lambda session: spent_tokens.spend(session, it.settings, token, browser)
    )


def of_provider(it: Installation, log_in: ForeignLogIn) -> ForeignSession:
    """A new session for whom the provider of identities has just let in. As `of_paper`."""
    return _begin(it, None, log_in, lambda _session: secrets.token_urlsafe(16))


def _begin(
    it: Installation, site_id: int | None, log_in: ForeignLogIn, name_session: Callable[[Session], str]
) -> ForeignSession:
    with it.database.reading() as session:
        is_new = foreign_accounts.known(session, log_in) is None
    scored = _score_name(it, log_in) if is_new else Unavailable("no new name")
    with it.database.transaction() as session:
        session_id = name_session(session)
        account, linked = foreign_accounts.arrive(session, it, site_id, log_in, scored)
        caller = identity.load(session, account.id, account.session_epoch, session_id)
    if caller is ANONYMOUS:  # somebody has signed out of it
        raise Malformed("sso_used", USED, field="token")
    if linked:
        with suppress(StripeUnavailable, MalformedObject, WrongMode):  # then a worker does it
            subscriptions.refresh_linked(it, account.id)
    return ForeignSession(caller, session_id)


def _score_name(it: Installation, log_in: ForeignLogIn) -> Answer:
    """What the scorer says of the name of somebody new."""
    return it.scorer.score([log_in.name[: names.MOST_CHARACTERS]], it.settings.scorer_deadline_ms / 1000)
