"""Where readers write under the name they pay under: who is refused, and who hears of another reason instead."""

from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.billing import grants
from app.billing.entitlement import Entitlement, Facts, Reason, SubscriptionFacts, decide
from app.comments import gate
from app.db import Database
from app.errors import SubscriptionRequired
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.models.role import EDITOR, MODERATOR
from app.stories import sites
from config.policy import HouseRules
from config.rules import Entitlement as EntitlementPolicy
from tests.support import factories

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = EntitlementPolicy(lease_days=3, past_due_grace_days=7, trial_writes=False)
PAID = SubscriptionFacts("active", period_end=NOW + timedelta(days=10))
UNPAID = SubscriptionFacts("unpaid", period_end=NOW + timedelta(days=10))
ENDS = NOW + timedelta(days=13)
GRANT = NOW + timedelta(days=2)

RULES: list[tuple[str, Facts, Entitlement]] = [
    ("a name that was not compared yet waits", Facts((PAID,)), Entitlement(False, Reason.NAME_UNCHECKED)),
    (
        "another name than the payer's does not write",
        Facts((PAID,), name_check=MISMATCH),
        Entitlement(False, Reason.NAME_MISMATCH),
    ),
    ("the payer's name writes", Facts((PAID,), name_check=MATCH), Entitlement(True, Reason.ACTIVE, ENDS)),
    ("so does an exception", Facts((PAID,), name_check=EXCEPTION), Entitlement(True, Reason.ACTIVE, ENDS)),
    ("a ban is named first", Facts((PAID,), banned=True, name_check=MISMATCH), Entitlement(False, Reason.BANNED)),
    (
        "then a review of the payer",
        Facts((PAID,), identity_review=True, name_check=MISMATCH),
        Entitlement(False, Reason.IDENTITY_REVIEW),
    ),
    (
        "who would be refused anyway hears of that",
        Facts((UNPAID,), name_check=MISMATCH),
        Entitlement(False, Reason.UNPAID),
    ),
    (
        "of two subscriptions the one that only lacks the name is told of",
        Facts((UNPAID, PAID), name_check=MISMATCH),
        Entitlement(False, Reason.NAME_MISMATCH),
    ),
    ("who never paid hears of that", Facts(name_check=MISMATCH), Entitlement(False, Reason.NO_SUBSCRIPTION)),
    (
        "who writes by grant pays nothing and needs no payer's name",
        Facts(grant_ends=(GRANT,), name_check=MISMATCH),
        Entitlement(True, Reason.GRANT, GRANT),
    ),
    (
        "a grant lets write also beside a subscription under another name",
        Facts((PAID,), grant_ends=(GRANT,), name_check=MISMATCH),
        Entitlement(True, Reason.GRANT, GRANT),
    ),
]


@pytest.mark.parametrize(("rule", "known", "answer"), RULES)
def test_the_rule(rule: str, known: Facts, answer: Entitlement) -> None:
    assert decide(known, NOW, POLICY, names_required=True) == answer, rule


@pytest.mark.parametrize("name_check", [None, MATCH, MISMATCH, EXCEPTION])
def test_elsewhere_the_name_changes_nothing(name_check: str | None) -> None:
    assert decide(Facts((PAID,), name_check=name_check), NOW, POLICY) == Entitlement(True, Reason.ACTIVE, ENDS)


def named(house: HouseRules, names: str) -> HouseRules:
    return HouseRules(house.at({"payments": {"names": names}}))


@pytest.mark.parametrize(
    ("names", "name_check", "refused"),
    [
        ("required", MISMATCH, "name_mismatch"),
        ("required", None, "name_unchecked"),
        ("required", MATCH, None),
        ("badge", MISMATCH, None),
        ("free", None, None),
    ],
)
def test_the_gate_refuses_where_names_are_required_and_nowhere_else(
    database: Database, house: HouseRules, names: str, name_check: str | None, refused: str | None
) -> None:
    with database.transaction() as session:
        key, reader = factories.site(session).key, factories.subscriber(session)
        reader.name_check = name_check
    site, house = sites.by_key(database, key), named(house, names)
    with database.transaction() as session:
        if refused is None:
            assert gate.pass_gate(session, reader.id, "post", site, house).entitlement
        else:
            with pytest.raises(SubscriptionRequired) as refusal:
                gate.pass_gate(session, reader.id, "post", site, house)
            assert refusal.value.code == refused


def test_staff_and_who_has_a_grant_write_under_any_name(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, guest = factories.site(session), factories.account(session)
        moderator, editor = factories.staff(session, MODERATOR), factories.staff(session, EDITOR)
        grants.give(session, editor.id, guest.id, site.id, "guest author", clock.now() + timedelta(days=1))
        key = site.key
    for writer in (guest, moderator):
        with database.transaction() as session:
            gate.pass_gate(session, writer.id, "post", sites.by_key(database, key), named(house, "required"))
