"""What of each table a reader's download has: all that is kept about them, but for who reported or decided."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from app.accounts import selves
from app.models import (
    Account,
    Appeal,
    Assessment,
    Charge,
    Comment,
    Customer,
    Decision,
    EarlierName,
    Follow,
    Grant,
    Item,
    LedgerEntry,
    Letter,
    LetterChoice,
    Login,
    Mute,
    Notification,
    OneTimeToken,
    PaperEntitlement,
    PaymentCase,
    Reaction,
    Report,
    Role,
    Sanction,
    Statement,
    StoryAuthor,
    Strike,
    Subscription,
    Termination,
)

Whose = Callable[[int], ColumnElement[bool]]


@dataclass(frozen=True)
class Section:
    """Rows of a table in the order of `keys`, which together are unique: the `columns` that the account's reader gets,
    of the rows that are theirs (`whose`, given the account's id; None: those with it in account_id).
    """

    table: type[Any]
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ("id",)
    whose: Whose | None = None

    def of(self, account_id: int) -> ColumnElement[bool]:
        """Which rows are the account's."""
        return self.table.account_id == account_id if self.whose is None else self.whose(account_id)


def _of_the_person(table: type[Any]) -> Whose:
    """What was decided about another account of the mailbox, perhaps one that is erased, restricts this one too."""
    return lambda account_id: table.account_id.in_(selves.of_mailbox(account_id))


def _of_their_comments(account_id: int) -> ColumnElement[bool]:
    return Assessment.comment_id.in_(select(Comment.id).where(Comment.account_id == account_id))


def _by_them(account_id: int) -> ColumnElement[bool]:
    named = StoryAuthor.mailbox.in_(select(Account.email_token).where(Account.id == account_id))
    return named | (StoryAuthor.account_id == account_id)


def _of_their_customers(account_id: int) -> ColumnElement[bool]:
    return Charge.customer_id.in_(select(Customer.id).where(Customer.account_id == account_id))


def _about_them(account_id: int) -> ColumnElement[bool]:
    subject = (LedgerEntry.subject_type == "account") & (LedgerEntry.subject_id == account_id)
    return (LedgerEntry.actor_id == account_id) | subject


def _to_them(account_id: int) -> ColumnElement[bool]:
    # those to somebody else's address would tell whether anybody pays with it
    return (Letter.account_id == account_id) & Letter.customer_id.is_(None)


SECTIONS: dict[str, Section] = {
    "logins": Section(Login, ("provider", "subject", "created_at")),
    "earlier_names": Section(EarlierName, ("name", "until")),
    "roles": Section(Role, ("site_id", "role", "created_at")),
    "comments": Section(
        Comment,
        ("id", "story_id", "parent_id", "text", "state", "revision", "respect_count", "created_at", "edited_at"),
    ),
    "assessments": Section(
        Assessment,
        ("comment_id", "revision", "outcome", "reasons", "signals", "scorer", "created_at"),
        whose=_of_their_comments,
    ),
    "reports_made": Section(Report, ("subject_type", "subject_id", "rule", "note", "outcome", "created_at")),
    "reactions": Section(Reaction, ("comment_id", "kind", "created_at"), keys=("comment_id", "kind")),
    "muted": Section(Mute, ("muted_id", "created_at"), keys=("muted_id",)),
    "articles_written": Section(StoryAuthor, ("story_id",), keys=("story_id",), whose=_by_them),
    "followed": Section(Follow, ("story_id", "state", "created_at"), keys=("story_id",)),
    "notifications": Section(Notification, ("kind", "subject_id", "created_at", "read_at")),
    "letters_wanted": Section(LetterChoice, ("kind", "frequency"), keys=("kind",)),
    "questions": Section(Item, ("kind", "subject_type", "subject_id", "state", "opened_at", "closed_at")),
    "decisions": Section(
        Decision,
        ("site_id", "subject_type", "subject_id", "action", "rule", "created_at"),
        whose=_of_the_person(Decision),
    ),
    "strikes": Section(
        Strike, ("rule", "points", "written_at", "created_at", "expires_at"), whose=_of_the_person(Strike)
    ),
    "sanctions": Section(
        Sanction, ("kind", "starts_at", "ends_at", "acknowledged_at", "lifted_at"), whose=_of_the_person(Sanction)
    ),
    "statements": Section(
        Statement,
        ("id", "restrictions", "rule", "text", "language", "applies_from", "applies_until", "created_at"),
        whose=_of_the_person(Statement),
    ),
    "appeals": Section(
        Appeal, ("text", "created_at", "overturned", "reply", "answered_at"), whose=_of_the_person(Appeal)
    ),
    "grants": Section(Grant, ("site_id", "reason", "until", "created_at", "revoked_at")),
    "paper_entitlements": Section(PaperEntitlement, ("site_id", "until"), keys=("site_id",)),
    "customers": Section(Customer, ("id", "features", "deleted", "created_at")),
    "subscriptions": Section(
        Subscription,
        (
            "id",
            "customer_id",
            "status",
            "products",
            "started_at",
            "period_end",
            "cancel_at",
            "ended_at",
            "trial_end",
            "paused",
            "first_failure_at",
            "paid_amount",
        ),
    ),
    "charges": Section(
        Charge,
        ("id", "subscription_id", "amount_refunded", "dispute_status", "fraud_warning"),
        whose=_of_their_customers,
    ),
    "payment_cases": Section(PaymentCase, ("kind", "outcome", "created_at", "judged_at")),
    "terminations": Section(
        Termination,
        ("subscription_id", "method", "state", "amount", "currency", "created_at", "judged_at", "done_at"),
    ),
    "letters": Section(Letter, ("kind", "language", "created_at", "sent_at"), whose=_to_them),
    "links_sent": Section(OneTimeToken, ("purpose", "created_at", "expires_at", "used_at")),
    "log": Section(LedgerEntry, ("at", "action", "subject_type", "subject_id"), whose=_about_them),
}
