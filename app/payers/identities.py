"""By what a payer is known again: keyed digests of what they pay with, and of nothing weaker.

A digest belongs to one kind, one mode of Stripe and one key. Every key in use writes its own, so that a key can be
exchanged while whoever was banned before is still known. An address counts in its canonical form, and not at all
where it is a mask that its provider hands out by the dozen.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, quarantine, selves
from app.db import find_locked, insert, lock_names
from app.digests import digest
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Customer, Subscription, Trait
from app.models.account import ERASED
from app.models.trait import MEDIUM
from app.payers import returns
from config.identity_keys import DERIVED, IdentityKey
from config.policy import HouseRules
from config.settings import Settings

# addresses that forward to somebody's own: new ones cost nothing, and the domain says nothing
RELAYS = (
    "privaterelay.appleid.com", "duck.com", "mozmail.com", "passmail.net", "anonaddy.com", "anonaddy.me", "addy.io",
    "simplelogin.com", "simplelogin.co", "simplelogin.fr", "aleeas.com", "slmail.me", "8alias.com", "8shield.net",
    "dralias.com", "silomails.com",
)  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A digest as it is kept, hexadecimal, with its kind and the id of its key."""

    value: str
    kind: str
    key_id: str


def tokens(settings: Settings, seen: Iterable[Fingerprint]) -> list[Token]:
    """The digests of all that was seen, one for each key in use; each once."""
    named = dict.fromkeys((each.kind, name) for each in seen if (name := _name(each)) is not None)
    return [_token(settings, key, kind, name) for key in settings.identity_keys for kind, name in named]


def capture(
    session: Session, settings: Settings, house: HouseRules, account_id: int | None, seen: Collection[Fingerprint]
) -> None:
    """Remember what an account (None: nobody yet) pays with, and ask about it if it is known from a banned reader.

    Locks the account, then the digests: whoever bans one of two accounts that share one either finds what is written
    here, or is seen by it. What was erased is remembered again only where it must be (accounts.quarantine).
    """
    found = tokens(settings, seen)
    account = find_locked(session, Account, Account.id == account_id) if found else None
    if (
        account_id is None
        or account is None
        or (account.state == ERASED and not quarantine.is_kept(session, house, account))
    ):
        return
    if returns.is_restricted(session, account_id):
        found = tokens(settings, _not_hearsay(session, settings, account_id, seen))
    if not found:
        return
    lock_names(session, {token.value for token in found})
    now = clock.now()
    rows = [
        {
            "token": token.value,
            "account_id": account_id,
            "kind": token.kind,
            "key_id": token.key_id,
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for token in found
    ]
    session.execute(
        insert(session, Trait)
        .values(rows)
        .on_conflict_do_update(index_elements=[Trait.token, Trait.account_id], set_={"last_seen_at": now})
    )
    returns.seek(session, house, account_id, {token.value for token in found}, given_now=True)


def _not_hearsay(
    session: Session, settings: Settings, account_id: int, seen: Iterable[Fingerprint]
) -> list[Fingerprint]:
    """What a banned reader gives, without addresses that they had not given before: it is whatever they type into it,
    and they could accuse its owner with it.
    """
    given = set(session.scalars(select(Trait.token).where(Trait.account_id == account_id, Trait.kind.in_(MEDIUM))))
    return [
        each
        for each in seen
        if each.kind not in MEDIUM or any(token.value in given for token in tokens(settings, [each]))
    ]


def capture_of(
    session: Session, settings: Settings, house: HouseRules, customer_id: str | None, seen: Collection[Fingerprint]
) -> None:
    """The same for whoever has the customer or a subscription of it; what is nobody's, when somebody has it."""
    linked = select(Customer.account_id).where(Customer.id == customer_id)
    paying = select(Subscription.account_id).where(Subscription.customer_id == customer_id)
    for account_id in sorted(filter(None, session.scalars(union(linked, paying)))):
        capture(session, settings, house, account_id, seen)


def seek_returns(session: Session, house: HouseRules, account_ids: Collection[int]) -> None:
    """The accounts (locked) were banned or suspended just now: ask about those that pay with the same."""
    for account_id in sorted(account_ids):
        own = Trait.account_id.in_(selves.of_mailbox(account_id))
        mine = set(session.scalars(select(Trait.token).where(own)))
        lock_names(session, mine)
        returns.seek(session, house, account_id, mine)


def _token(settings: Settings, key: IdentityKey, kind: str, name: str) -> Token:
    secret = digest(settings, "identity-key", DERIVED) if key.id == DERIVED else key.secret
    message = f"v1|{kind}|{settings.stripe_mode}|{name}"
    value = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return Token(value, kind, key.id)


def _name(seen: Fingerprint) -> str | None:
    """What is digested; None of what says too little."""
    if seen.kind not in MEDIUM:
        return seen.value
    if "@" not in seen.value:
        return None
    canonical = emails.canonical(seen.value)
    # some give each user a subdomain
    return None if f".{canonical.rpartition('@')[2]}".endswith(tuple(f".{relay}" for relay in RELAYS)) else canonical
