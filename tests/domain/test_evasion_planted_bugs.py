"""Would the proof that nothing gets round a ban notice? Each rule is broken once in the real code, and it does."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import BigInteger, bindparam, cast, delete, select, union
from sqlalchemy.orm import Session

from app.accounts import emails, identity, names, quarantine, ranks, sanctions, selves, standing
from app.accounts.identity import Identity
from app.accounts.ranks import Rank, Ranks
from app.billing import facts
from app.db import Database
from app.models import Account, Role, Sanction, Trait
from app.models.role import ROLES
from app.models.trait import MAILBOX
from app.moderation import strikes
from app.payers import mailboxes, payment_cases, returns
from app.sign_in import foreign_accounts
from config.policy import HouseRules
from config.settings import Settings
from tests.support.databases import SQLITE
from tests.support.evasion import Evasion
from tests.support.evasion_truth import Untrue

WITHIN = 400
Patch = pytest.MonkeyPatch


def alone(account_id: Any) -> Any:
    """An account is nobody but itself."""
    itself = select(cast(account_id, BigInteger))
    return union(itself, itself)


def forget_at_once_who_erases_their_account(patch: Patch) -> None:
    def forget(session: Session, account: Account) -> None:
        session.execute(delete(Trait).where(Trait.account_id == account.id))

    patch.setattr(quarantine, "begin", forget)


def keep_only_who_is_restricted_already(patch: Patch) -> None:
    """As it was before: reported first it holds, erased first it does not."""

    def forget(session: Session, account: Account) -> None:
        if not session.scalar(select(quarantine._in_force(account.id))):
            session.execute(delete(Trait).where(Trait.account_id == account.id))

    patch.setattr(quarantine, "begin", forget)


def know_an_account_only_by_itself(patch: Patch) -> None:
    """A ban is a row of one account, and bars its mailbox as long as the account is there."""
    own = select(Sanction).where(Sanction.account_id == bindparam("account"), Sanction.lifted_at.is_(None))
    patch.setattr(standing, "_NOT_LIFTED", own)
    patch.setattr(selves, "of_mailbox", alone)
    facts._statement.cache_clear()


def forget_strikes_with_the_card(patch: Patch) -> None:
    patch.setattr(selves, "STRONG", ())
    strikes._theirs.cache_clear()


def let_a_barred_mailbox_sign_up(patch: Patch) -> None:
    patch.setattr(sanctions, "on_mailbox", lambda _session, _token: None)
    own = select(Sanction).where(Sanction.account_id == bindparam("account"), Sanction.lifted_at.is_(None))
    patch.setattr(standing, "_NOT_LIFTED", own)


def know_a_mailbox_in_one_spelling(patch: Patch) -> None:
    patch.setattr(emails, "mailbox", emails.canonical)


def ask_nobody_about_a_card(patch: Patch) -> None:
    patch.setattr(returns, "seek", lambda *_args, **_options: None)


def hold_only_the_account_that_was_asked_about(patch: Patch) -> None:
    """The question is lifted by erasing the account and paying with another card."""

    reviews = facts._reviews

    def own(account: Any, now: Any) -> Any:
        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(selves, "of_mailbox", alone)
            return reviews(account, now)

    patch.setattr(facts, "_reviews", own)
    facts._statement.cache_clear()


def take_a_confirmed_return_for_judged_for_good(patch: Patch) -> None:
    """Whoever came back while the other was suspended writes on when that one is banned."""
    patch.setattr(payment_cases, "ask_again", lambda *_args: None)


def compare_no_ranks(patch: Patch) -> None:
    patch.setattr(Ranks, "is_above", lambda *_args: True)


def let_all_sites_outrank_nobody(patch: Patch) -> None:
    """An equal role is enough."""

    def is_above(self: Ranks, actor_id: int, account_id: int, site_id: int) -> bool:
        return self.at(actor_id, site_id)[0] >= self.of_owner(account_id)[0]

    patch.setattr(Ranks, "is_above", is_above)


def ask_the_rank_of_one_account(patch: Patch) -> None:
    def of_account(self: Ranks, account_id: int) -> Rank:
        return ranks._highest(row for row in self._roles if row.account == row.account_id == account_id)

    patch.setattr(Ranks, "of_owner", of_account)


def let_roles_wake_in_bad_standing(patch: Patch) -> None:
    def load(session: Session, account_id: int, epoch: int) -> Identity:
        held = session.execute(select(Role.site_id, Role.role).where(Role.account_id == account_id))
        return Identity(account_id, "", epoch, "en", {row.site_id: ROLES.index(row.role) for row in held})

    patch.setattr(identity, "load", load)


def take_our_own_name_for_a_breach(patch: Patch) -> None:
    patch.setattr(names, "require_chosen", lambda *_args: None)


def know_nobody_by_what_the_paper_calls_them(patch: Patch) -> None:
    patch.setattr(selves, "SURE", (MAILBOX,))
    facts._statement.cache_clear()


def believe_of_staff_what_the_paper_says(patch: Patch) -> None:
    """Whoever comes with the mailbox of somebody who works here is taken for them."""
    patch.setattr(foreign_accounts, "_is_of_staff", lambda *_args: False)


def take_what_the_paper_says_for_a_letter_that_was_read(patch: Patch) -> None:
    def prove(session: Session, settings: Settings, house: HouseRules, account: Account, email: str) -> None:
        account.email = email
        mailboxes.prove(session, settings, house, account)

    patch.setattr(mailboxes, "be_told", prove)


@pytest.fixture(autouse=True)
def statements_made_anew() -> Any:
    yield
    facts._statement.cache_clear()
    strikes._theirs.cache_clear()


LONG = pytest.mark.long


@pytest.mark.parametrize("database", [SQLITE], indirect=True)
@pytest.mark.parametrize(
    "plant",
    [
        # found within the first few runs
        compare_no_ranks,
        let_all_sites_outrank_nobody,
        take_our_own_name_for_a_breach,
        pytest.param(know_an_account_only_by_itself, marks=LONG),
        pytest.param(forget_at_once_who_erases_their_account, marks=LONG),
        pytest.param(keep_only_who_is_restricted_already, marks=LONG),
        pytest.param(forget_strikes_with_the_card, marks=LONG),
        pytest.param(let_a_barred_mailbox_sign_up, marks=LONG),
        pytest.param(know_a_mailbox_in_one_spelling, marks=LONG),
        pytest.param(ask_nobody_about_a_card, marks=LONG),
        pytest.param(hold_only_the_account_that_was_asked_about, marks=LONG),
        pytest.param(take_a_confirmed_return_for_judged_for_good, marks=LONG),
        pytest.param(ask_the_rank_of_one_account, marks=LONG),
        pytest.param(let_roles_wake_in_bad_standing, marks=LONG),
        pytest.param(know_nobody_by_what_the_paper_calls_them, marks=LONG),
        pytest.param(believe_of_staff_what_the_paper_says, marks=LONG),
        pytest.param(take_what_the_paper_says_for_a_letter_that_was_read, marks=LONG),
    ],
    ids=lambda plant: plant.__name__,
)
def test_a_rule_that_is_broken_is_found(
    database: Database, settings: Settings, house: HouseRules, monkeypatch: Patch, plant: Callable[[Patch], None]
) -> None:
    plant(monkeypatch)
    here = type("Here", (Evasion,), {"database": database, "settings": settings, "house": house})
    with pytest.raises(Untrue):
        run_state_machine_as_test(
            here,
            settings=hypothesis(
                max_examples=WITHIN,
                stateful_step_count=40,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
