"""No payment lifts a ban: what has to do with Stripe cannot reach what ends one, and what calls it changes none."""

import ast
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

BILLING = sorted(
    path
    for place in (
        "app/billing",
        "app/payers",
        "app/gateway",
        "app/web/integrations/stripe.py",
        "app/web/readers/subscription_links.py",
        "app/web/readers/payment_check.py",
        "app/web/readers/subscription.py",
    )
    for path in ([REPOSITORY / place] if place.endswith(".py") else (REPOSITORY / place).glob("*.py"))
)
ENDS_A_BAN = {"lift", "restore", "acknowledge", "lifted_at", "lifted_by", "ends_at"}
WRITES = {"delete", "update"}
KEPT = {"Sanction", "BannedToken", "Trait", "Decision"}


def reaches(source: str) -> list[str]:
    """What a program does to bans: functions and columns that end one, and statements that change or delete rows."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("accounts.sanctions"):
            found += [alias.name for alias in node.names if alias.name in ENDS_A_BAN]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sanctions":
            found += [node.attr] if node.attr in ENDS_A_BAN else []
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in ENDS_A_BAN:
            found.append(node.attr)
        elif isinstance(node, ast.Call):
            found += _statement(node)
    return found


def _statement(call: ast.Call) -> list[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    tables = {argument.id for argument in call.args if isinstance(argument, ast.Name)} & KEPT
    return [f"{name} {table}" for table in sorted(tables) if name in WRITES]


@pytest.mark.parametrize("program", BILLING, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_nothing_about_payments_ends_a_ban_or_forgets_a_payer(program: Path) -> None:
    assert reaches(program.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from app.accounts.sanctions import lift",
        "sanctions.lift(session, ban, 7)",
        "sanctions.restore(session, account, ban)",
        "ban.lifted_at = now",
        "ban.ends_at = now",
        "session.execute(delete(Trait))",
        "session.execute(sa.update(Sanction).values(lifted_at=now))",
        "session.delete(BannedToken)",
    ],
)
def test_whatever_would_is_found(source: str) -> None:
    assert reaches(source)
