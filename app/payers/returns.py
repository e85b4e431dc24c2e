"""Who may have come back after a ban: another account pays with the same, and a person is asked whether it is they.

A strong match with a ban stops writing until somebody has judged it (billing.facts); a weaker one, or one with a
suspension, is only asked about. What was judged of two accounts stays judged, whatever they pay with later. But a
return that was confirmed is asked about again when the other one comes under another sanction.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import selves
from app.models import Decision, PaymentCase, Sanction, Trait
from app.models.payment_case import POSSIBLE_RETURN
from app.models.sanction import BAN, SUSPENSION, is_in_force
from app.models.trait import MAILBOX, MEDIUM, STRONG, TOLD_MAILBOX
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from config.policy import HouseRules

GRAVITY = {SUSPENSION: 1, BAN: 2}
STRENGTH = (*STRONG, *MEDIUM)
# what somebody types in, or has the paper say of them, and could accuse anybody with
HEARSAY = (*MEDIUM, TOLD_MAILBOX)


def seek(
    session: Session, house: HouseRules, account_id: int, tokens: Collection[str], *, given_now: bool = False
) -> None:
    """Ask about each pair of this account and another that shares `tokens` with it (locked) of whom one is restricted.

    Whoever is under as grave a restriction themselves has not come back. Nor has, by an address that this account has
    `given_now`, whoever it belongs to: a banned reader could accuse anybody with it.
    """
    sharing = _sharing(session, account_id, tokens)
    gravest = _restrictions(session, [account_id, *sharing])
    told = set(session.scalars(select(Trait.account_id).where(Trait.token.in_(tokens), Trait.kind == TOLD_MAILBOX)))
    for other_id, kind in sharing.items():
        for banned_id, returned_id in ((other_id, account_id), (account_id, other_id)):
            restriction, own = gravest.get(banned_id), gravest.get(returned_id)
            if given_now and banned_id == account_id and kind in HEARSAY:
                continue
            if kind == TOLD_MAILBOX and returned_id not in told:
                continue  # whose mailbox it is has not come back because somebody else was said to have it
            if restriction is not None and (own is None or GRAVITY[own.kind] < GRAVITY[restriction.kind]):
                _ask(session, house, returned_id, restriction, kind)


def is_restricted(session: Session, account_id: int) -> bool:
    """Whether the account (locked) is banned or suspended now."""
    return bool(_restrictions(session, [account_id]))


def bans_known_by(session: Session, account_id: int, tokens: Collection[str]) -> set[int]:
    """The other accounts that are banned now and whose owners are known by one of `tokens`, which are strong."""
    gravest = _restrictions(session, _sharing(session, account_id, tokens))
    return {sanction.account_id for sanction in gravest.values() if sanction.kind == BAN}


def _sharing(session: Session, account_id: int, tokens: Collection[str]) -> dict[int, str]:
    """The accounts of others that were seen with any of `tokens`, in the order of their ids, and the strongest kind."""
    same = select(Trait.account_id, Trait.kind).where(
        Trait.token.in_(tokens),
        Trait.kind.in_((*STRENGTH, MAILBOX)),
        Trait.account_id.not_in(selves.of_mailbox(account_id)),
    )
    strongest: dict[int, str] = {}
    for other_id, shared in session.execute(same.order_by(Trait.account_id)):
        # they have confirmed the mailbox that this account is said to have: of one that it has, they are its selves
        kind = TOLD_MAILBOX if shared == MAILBOX else shared
        strongest[other_id] = min(kind, strongest.get(other_id, kind), key=STRENGTH.index)
    return strongest


def _restrictions(session: Session, account_ids: Collection[int]) -> dict[int, Sanction]:
    """The gravest ban or suspension in force, the first of several, of each account or another of its mailbox."""
    person = selves.of_mailboxes(account_ids)
    restricting = (
        select(person.c.account, Sanction)
        .join(Sanction, Sanction.account_id == person.c.id)
        .where(Sanction.kind.in_(GRAVITY), is_in_force(clock.now()))
    )
    found = session.execute(restricting.execution_options(populate_existing=True)).all()
    return dict(sorted(found, key=lambda row: (GRAVITY[row[1].kind], -row[1].id)))


def _ask(session: Session, house: HouseRules, account_id: int, sanction: Sanction, matched: str) -> None:
    """A pair of people is asked about once for each sanction, until they are told apart; a stronger match makes an open
    question graver."""
    site_id = session.scalars(select(Decision.site_id).where(Decision.id == sanction.decision_id)).one()
    finding = PayerFinding(POSSIBLE_RETURN, account_id, str(sanction.account_id), sanction.id, matched)
    finding = _known(session, finding, sanction.account_id)
    if payment_cases.ask(session, house, finding, site_id) is None:
        payment_cases.ask_again(session, house, finding, site_id)
        if matched in STRONG:
            payment_cases.strengthen(session, finding, over=MEDIUM)


def _known(session: Session, finding: PayerFinding, banned_id: int) -> PayerFinding:
    """The finding as it was made before of the same two people, perhaps under accounts that are erased by now."""
    banned = selves.of_mailbox(banned_id).subquery()
    before = select(PaymentCase.account_id, PaymentCase.reference).where(
        PaymentCase.account_id.in_(selves.of_mailbox(finding.account_id)),
        PaymentCase.kind == POSSIBLE_RETURN,
        PaymentCase.reference.in_(select(cast(banned.c[0], Text))),
    )
    same = session.execute(before.order_by(PaymentCase.id).limit(1)).first()
    return replace(finding, account_id=same.account_id, reference=same.reference) if same else finding
