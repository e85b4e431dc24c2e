"""the first tables"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# in an order that foreign keys allow
TABLES = (
    "accounts", "logins", "one_time_tokens", "earlier_names", "attempts", "ended_sessions", "known_places", "mutes",
    "spent_tokens",
    "sites", "stories", "sections", "roles", "server_keys", "webhooks", "webhook_deliveries",
    "comments", "comment_revisions", "assessments", "reactions", "imported_rows",
    "items", "reports", "notices", "statements", "decisions", "appeals", "strikes", "sanctions",
    "customers", "subscriptions", "charges", "grants", "paper_entitlements",
    "stripe_events", "stripe_sync", "stripe_cursors", "stripe_pace",
    "traits", "payment_cases", "terminations",
    "jobs", "letters", "ledger",
    "notifications", "follows", "letter_choices", "story_authors",
    "api_keys", "api_key_days", "suggested_scores",
)  # fmt: skip


def upgrade() -> None:
    accounts()
    newspapers()
    webhooks()
    comments()
    moderation()
    subscriptions()
    stripe()
    payers()
    work()
    notifications()
    scoring_api()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def where(condition: str) -> dict[str, Any]:
    """Of an index over some of the rows only, as both databases want to hear it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def accounts() -> None:
    """Accounts, how they are entered, and what they were called."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_token", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_skeleton", sa.Text(), nullable=False),
        sa.Column("name_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=True),
        sa.Column("name_check", sa.Text(), nullable=True),
        sa.Column("reactions_left_out", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name_check IN ('match', 'mismatch', 'exception')", name=op.f("ck_accounts_name_check")),
        sa.CheckConstraint("origin IN ('site', 'import')", name=op.f("ck_accounts_origin")),
        sa.CheckConstraint("state IN ('active', 'erased')", name=op.f("ck_accounts_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email_token", name=op.f("uq_accounts_email_token")),
        sa.UniqueConstraint("name_skeleton", name=op.f("uq_accounts_name_skeleton")),
    )
    op.create_table(
        "logins",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_logins_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_logins_provider_subject")),
    )
    op.create_index(op.f("ix_logins_account_id"), "logins", ["account_id"])
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('verify', 'reset', 'claim')", name=op.f("ck_one_time_tokens_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_one_time_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_tokens_digest")),
    )
    op.create_index(op.f("ix_one_time_tokens_account_id"), "one_time_tokens", ["account_id"])
    op.create_table(
        "earlier_names",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reset_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_earlier_names_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_names")),
    )
    op.create_index(op.f("ix_earlier_names_account_id"), "earlier_names", ["account_id"])
    op.create_table(
        "attempts",
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("whose", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_next_at"), "attempts", ["next_at"])
    op.create_table(
        "ended_sessions",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_ended_sessions")),
    )
    op.create_index(op.f("ix_ended_sessions_ended_at"), "ended_sessions", ["ended_at"])
    op.create_table(
        "spent_tokens",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_spent_tokens")),
    )
    op.create_index(op.f("ix_spent_tokens_expires_at"), "spent_tokens", ["expires_at"])
    op.create_table(
        "known_places",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_known_places_account_id")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_known_places")),
    )
    op.create_index(op.f("ix_known_places_account_id"), "known_places", ["account_id"])
    op.create_index(op.f("ix_known_places_used_at"), "known_places", ["used_at"])
    op.create_table(
        "mutes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("muted_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mutes_account_id")),
        sa.ForeignKeyConstraint(["muted_id"], ["accounts.id"], name=op.f("fk_mutes_muted_id")),
        sa.PrimaryKeyConstraint("account_id", "muted_id", name=op.f("pk_mutes")),
    )


def newspapers() -> None:
    """Newspapers, their stories, and who is staff there."""
    op.create_table(
        "sites",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("seeks_common_ground", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("key", name=op.f("uq_sites_key")),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=True),
        sa.Column("closes", sa.Text(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slow_seconds", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("title_only", sa.Boolean(), nullable=False),
        sa.Column("embedded", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("comment_count", sa.BigInteger(), nullable=False),
        sa.Column("published_count", sa.BigInteger(), nullable=False),
        sa.Column("pick_count", sa.BigInteger(), nullable=False),
        sa.Column("pinned_id", sa.BigInteger(), nullable=True),
        sa.Column("common_ground_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'premoderated')", name=op.f("ck_stories_state")),
        sa.CheckConstraint("named_by IN ('import', 'signature', 'staff')", name=op.f("ck_stories_named_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_stories_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_stories_site_id_key")),
    )
    op.create_table(
        "sections",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=True),
        sa.Column("closes", sa.Text(), nullable=True),
        sa.Column("closes_after_days", sa.BigInteger(), nullable=True),
        sa.Column("slow_seconds", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("title_only", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'premoderated')", name=op.f("ck_sections_state")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_sections_site_id")),
        sa.PrimaryKeyConstraint("site_id", "key", name=op.f("pk_sections")),
    )
    named = sa.text("named_by IS NOT NULL")
    op.create_index("ix_stories_named", "stories", ["id"], sqlite_where=named, postgresql_where=named)
    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('moderator', 'editor', 'administrator')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_roles_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("account_id", "site_id", "role", name=op.f("uq_roles_account_id_site_id_role")),
    )
    op.create_table(
        "server_keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_server_keys_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_server_keys_digest")),
    )
    op.create_index(
        "uq_server_keys_in_force", "server_keys", ["site_id", "name"], unique=True, **where("revoked_at IS NULL")
    )


def webhooks() -> None:
    """Where a newspaper's systems are told what has happened, and what they were told."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_for", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("paused_for IN ('gone', 'failing')", name=op.f("ck_webhooks_paused_for")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_webhooks_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_webhooks_site_id_name")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_webhook_deliveries_state")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "webhook_id", "next_at"])
    op.create_index("ix_webhook_deliveries_subject", "webhook_deliveries", ["webhook_id", "subject_id", "id"])


def comments() -> None:
    """Comments, what the machine made of them, what readers made of them, and where they came from."""
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("depth", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("respect_count", sa.BigInteger(), nullable=False),
        sa.Column("reply_count", sa.BigInteger(), nullable=False),
        sa.Column("conversation_count", sa.BigInteger(), nullable=False),
        sa.Column("report_count", sa.BigInteger(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("common_ground", sa.BigInteger(), nullable=False),
        sa.Column("published_number", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("origin IN ('site', 'import')", name=op.f("ck_comments_origin")),
        sa.CheckConstraint(
            "state IN ('published', 'held', 'withheld', 'removed', 'deleted')", name=op.f("ck_comments_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_comments_account_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_comments_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("root_id", "position", name=op.f("uq_comments_root_id_position")),
    )
    op.create_index("ix_comments_account", "comments", ["account_id", "id"])
    op.create_index("ix_comments_parent", "comments", ["parent_id", "id"])
    op.create_index(
        "ix_comments_picked",
        "comments",
        ["story_id", "id"],
        sqlite_where=sa.text("picked = 1"),
        postgresql_where=sa.text("picked"),
    )
    op.create_index("ix_comments_story_common_ground", "comments", ["story_id", "depth", "common_ground", "id"])
    op.create_index("ix_comments_common_ground", "comments", ["site_id", "id"], **where("common_ground > 0"))
    op.create_index("ix_comments_story_discussed", "comments", ["story_id", "depth", "conversation_count", "id"])
    op.create_index("ix_comments_story_respect", "comments", ["story_id", "depth", "respect_count", "id"])
    op.create_index("ix_comments_story_roots", "comments", ["story_id", "depth", "id"])
    published = where("state = 'published'")
    op.create_index("ix_comments_story_newest", "comments", ["story_id", "id"], **published)
    op.create_index("ix_comments_story_published", "comments", ["story_id", "published_number"], **published)
    op.create_index("ix_comments_site_newest", "comments", ["site_id", "id"], **published)
    op.create_index(
        "ix_comments_waiting", "comments", ["account_id", "story_id"], **where("state IN ('held', 'withheld')")
    )
    op.create_table(
        "comment_revisions",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_revisions_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "number", name=op.f("pk_comment_revisions")),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("signals", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "effect IN ('held', 'published', 'nothing', 'unavailable')", name=op.f("ck_assessments_effect")
        ),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_assessments_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_comment", "assessments", ["comment_id", "revision"])
    op.create_index(
        "uq_assessments_revises", "assessments", ["revises_id"], unique=True, **where("revises_id IS NOT NULL")
    )
    op.create_table(
        "reactions",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('respect', 'disagreement')", name=op.f("ck_reactions_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reactions_account_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reactions_comment_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_reactions_story_id")),
        sa.PrimaryKeyConstraint("comment_id", "account_id", "kind", name=op.f("pk_reactions")),
    )
    op.create_index("ix_reactions_account_created", "reactions", ["account_id", "created_at"])
    op.create_index("ix_reactions_account_story", "reactions", ["account_id", "story_id"])
    op.create_table(
        "imported_rows",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_imported_rows")),
    )


def moderation() -> None:
    """What moderators are asked, what they decided, and what follows from it."""
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("report_count", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_items_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_items_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_items_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_account_id"), "items", ["account_id"])
    op.create_index("ix_items_answered", "items", ["site_id", "kind", "closed_at"], **where("state = 'closed'"))
    op.create_index("ix_items_kind", "items", ["site_id", "state", "kind", "priority", "id"])
    op.create_index("ix_items_queue", "items", ["site_id", "state", "priority", "id"])
    op.create_index("ix_items_subject", "items", ["subject_type", "subject_id"])
    op.create_index(
        "uq_items_open", "items", ["kind", "subject_type", "subject_id"], unique=True, **where("state = 'open'")
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('waiting', 'upheld', 'dismissed')", name=op.f("ck_reports_outcome")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reports_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_reports_item_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reports_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "account_id", "subject_type", "subject_id", name=op.f("uq_reports_account_id_subject_type_subject_id")
        ),
    )
    op.create_index("ix_reports_item", "reports", ["item_id"])
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("good_faith", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_notices_comment_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_notices_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("receipt", name=op.f("uq_notices_receipt")),
    )
    op.create_index(op.f("ix_notices_comment_id"), "notices", ["comment_id"])
    op.create_index(op.f("ix_notices_item_id"), "notices", ["item_id"])
    op.create_table(
        "statements",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("restrictions", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("automated_detection", sa.Boolean(), nullable=False),
        sa.Column("automated_decision", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applies_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applies_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_statements_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_statements_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_account_id"), "statements", ["account_id"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        sa.Column("statement_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "statement_id IS NOT NULL OR "
            "action IN ('approve', 'dismiss', 'allow', 'refuse', 'uphold', 'overturn', 'undo', 'lift')",
            name=op.f("ck_decisions_statement"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_decisions_account_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_decisions_actor_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_decisions_item_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_decisions_statement_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["decisions.id"], name=op.f("fk_decisions_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_decisions_statement_id")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_decisions_undoes_id")),
    )
    op.create_index(op.f("ix_decisions_account_id"), "decisions", ["account_id"])
    op.create_index(op.f("ix_decisions_item_id"), "decisions", ["item_id"])
    op.create_index("ix_decisions_subject", "decisions", ["subject_type", "subject_id", "id"])
    op.create_table(
        "appeals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overturned", sa.Boolean(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_appeals_account_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["decisions.id"], name=op.f("fk_appeals_answered_by")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
    )
    op.create_index(op.f("ix_appeals_account_id"), "appeals", ["account_id"])
    op.create_table(
        "strikes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_strikes_account_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_strikes_decision_id")),
        sa.ForeignKeyConstraint(["revoked_by"], ["decisions.id"], name=op.f("fk_strikes_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strikes")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_strikes_decision_id")),
    )
    op.create_index(op.f("ix_strikes_account_id"), "strikes", ["account_id"])
    op.create_table(
        "sanctions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('warning', 'suspension', 'ban')", name=op.f("ck_sanctions_kind")),
        sa.CheckConstraint("source IN ('moderator', 'machine', 'ladder')", name=op.f("ck_sanctions_source")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sanctions_account_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_sanctions_decision_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["decisions.id"], name=op.f("fk_sanctions_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    op.create_index(op.f("ix_sanctions_account_id"), "sanctions", ["account_id"])
    op.create_index(op.f("ix_sanctions_decision_id"), "sanctions", ["decision_id"])
    op.create_index("ix_sanctions_in_force", "sanctions", ["account_id"], **where("lifted_at IS NULL"))


def subscriptions() -> None:
    """Who pays, as far as Stripe told, and who may write all the same."""
    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("email_token", sa.Text(), nullable=True),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_customers_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(op.f("ix_customers_account_id"), "customers", ["account_id"])
    op.create_index(op.f("ix_customers_email_token"), "customers", ["email_token"])
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.Text(), nullable=True),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("periods", sa.Text(), nullable=False),
        sa.Column("unpaid", sa.Text(), nullable=False),
        sa.Column("latest_invoice", sa.Text(), nullable=True),
        sa.Column("first_failure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_invoice", sa.Text(), nullable=True),
        sa.Column("paid_amount", sa.BigInteger(), nullable=True),
        sa.Column("payments", sa.Text(), nullable=False),
        sa.Column("open_invoice", sa.Text(), nullable=True),
        sa.Column("written_off", sa.Boolean(), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("reminded_invoice", sa.Text(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_subscriptions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_account_id"), "subscriptions", ["account_id"])
    op.create_index(op.f("ix_subscriptions_customer_id"), "subscriptions", ["customer_id"])
    op.create_table(
        "charges",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False),
        sa.Column("dispute_status", sa.Text(), nullable=True),
        sa.Column("fraud_warning", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    op.create_index(op.f("ix_charges_customer_id"), "charges", ["customer_id"])
    op.create_index(op.f("ix_charges_subscription_id"), "charges", ["subscription_id"])
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_grants_account_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["accounts.id"], name=op.f("fk_grants_granted_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_grants_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_account_id"), "grants", ["account_id"])
    op.create_table(
        "paper_entitlements",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_paper_entitlements_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_paper_entitlements_site_id")),
        sa.PrimaryKeyConstraint("account_id", "site_id", name=op.f("pk_paper_entitlements")),
    )


def stripe() -> None:
    """What Stripe's events and lists told, and how far they were read."""
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("snapshot_event", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('webhook', 'poll')", name=op.f("ck_stripe_events_source")),
        sa.CheckConstraint(
            "state IN ('queued', 'ignored_type', 'ignored_mode', 'ignored_account')",
            name=op.f("ck_stripe_events_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    op.create_index(op.f("ix_stripe_events_received_at"), "stripe_events", ["received_at"])
    op.create_index(op.f("ix_stripe_events_snapshot_event"), "stripe_events", ["snapshot_event"])
    op.create_table(
        "stripe_sync",
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("requested_seq", sa.BigInteger(), nullable=False),
        sa.Column("applied_seq", sa.BigInteger(), nullable=False),
        sa.Column("behind_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetches", sa.BigInteger(), nullable=False),
        sa.Column("fetches_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("object_type", "object_id", name=op.f("pk_stripe_sync")),
    )
    op.create_index(
        "ix_stripe_sync_behind_since", "stripe_sync", ["behind_since"], **where("applied_seq < requested_seq")
    )
    op.create_index("ix_stripe_sync_fetches_since", "stripe_sync", ["fetches_since"], **where("fetches > 30"))
    op.create_index("ix_stripe_sync_trouble", "stripe_sync", ["trouble"], **where("trouble IS NOT NULL"))
    op.create_table(
        "stripe_cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stripe_cursors")),
    )
    op.create_table(
        "stripe_pace",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stripe_pace")),
    )


def payers() -> None:
    """What readers pay with, and what was found and done about it."""
    op.create_table(
        "traits",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('mailbox', 'login', 'card', 'bacs_debit', 'sepa_debit', 'us_bank_account', 'acss_debit',"
            " 'au_becs_debit', 'paypal', 'wallet', 'customer', 'told_mailbox', 'link', 'email', 'alike')",
            name=op.f("ck_traits_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_traits_account_id")),
        sa.PrimaryKeyConstraint("token", "account_id", name=op.f("pk_traits")),
    )
    op.create_index(op.f("ix_traits_account_id"), "traits", ["account_id"])
    op.create_index("ix_traits_key_id", "traits", ["key_id"])
    op.create_table(
        "payment_cases",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("sanction_id", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("matched", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('possible_return', 'claimed_twice', 'lost_dispute', 'fraud_warning', 'name_mismatch',"
            " 'paid_twice')",
            name=op.f("ck_payment_cases_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('open', 'confirmed', 'allowed', 'dismissed')", name=op.f("ck_payment_cases_outcome")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payment_cases_account_id")),
        sa.ForeignKeyConstraint(["sanction_id"], ["sanctions.id"], name=op.f("fk_payment_cases_sanction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_cases")),
    )
    op.create_index(op.f("ix_payment_cases_sanction_id"), "payment_cases", ["sanction_id"])
    op.create_index("uq_payment_cases_finding", "payment_cases", ["account_id", "kind", "reference"], unique=True)
    op.create_table(
        "terminations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("judged_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("refunds", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "method IN ('at_period_end', 'now_with_refund', 'paid_twice')", name=op.f("ck_terminations_method")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'withdrawn', 'done', 'failed')",
            name=op.f("ck_terminations_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_terminations_account_id")),
        sa.ForeignKeyConstraint(["judged_by"], ["accounts.id"], name=op.f("fk_terminations_judged_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["accounts.id"], name=op.f("fk_terminations_proposed_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_terminations_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminations")),
    )
    op.create_index(op.f("ix_terminations_account_id"), "terminations", ["account_id"])
    op.create_index(
        "uq_terminations_living",
        "terminations",
        ["subscription_id"],
        unique=True,
        **where("state IN ('proposed', 'approved')"),
    )


def work() -> None:
    """Work to do, letters to send, and the record of what was done."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("patient", sa.Boolean(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('ready', 'running', 'dead')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_due", "jobs", ["state", "patient", "run_at"])
    op.create_index(
        "uq_jobs_unique_key", "jobs", ["unique_key"], unique=True, **where("state = 'ready' AND unique_key IS NOT NULL")
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_letters_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_account_id"), "letters", ["account_id"])
    op.create_index(op.f("ix_letters_customer_id"), "letters", ["customer_id"])
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_actor_id"), "ledger", ["actor_id"])
    op.create_index("ix_ledger_subject", "ledger", ["subject_type", "subject_id", "id"])


def notifications() -> None:
    """What readers are told, and of what they want to be."""
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letter_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('reply', 'mention', 'published', 'pick', 'decision', 'report')",
            name=op.f("ck_notifications_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_notifications_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_notifications_site_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_notifications_story_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_notifications_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "account_id", "kind", "subject_id", name=op.f("uq_notifications_account_id_kind_subject_id")
        ),
    )
    op.create_index("ix_notifications_account", "notifications", ["account_id", "id"])
    op.create_index("ix_notifications_unread", "notifications", ["account_id", "site_id"], **where("read_at IS NULL"))
    op.create_index("ix_notifications_due", "notifications", ["due_at"], **where("due_at IS NOT NULL"))
    op.create_index("ix_notifications_letter", "notifications", ["letter_id"])
    op.create_table(
        "follows",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen_count", sa.BigInteger(), nullable=False),
        sa.Column("told_count", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('followed', 'muted')", name=op.f("ck_follows_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_follows_account_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_follows_story_id")),
        sa.PrimaryKeyConstraint("account_id", "story_id", name=op.f("pk_follows")),
    )
    op.create_index("ix_follows_story", "follows", ["story_id", "state"])
    op.create_table(
        "story_authors",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_story_authors_account_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_authors_story_id")),
        sa.PrimaryKeyConstraint("story_id", "mailbox", name=op.f("pk_story_authors")),
    )
    op.create_index("ix_story_authors_mailbox", "story_authors", ["mailbox"])
    op.create_index("ix_follows_due", "follows", ["due_at"], **where("due_at IS NOT NULL"))
    op.create_table(
        "letter_choices",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('reply', 'mention', 'published', 'pick', 'report', 'follow')",
            name=op.f("ck_letter_choices_kind"),
        ),
        sa.CheckConstraint("frequency IN ('at_once', 'daily', 'never')", name=op.f("ck_letter_choices_frequency")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_letter_choices_account_id")),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_letter_choices")),
    )


def scoring_api() -> None:
    """Other programs that have comments scored."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("per_second", sa.BigInteger(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("unread_languages", sa.Text(), nullable=False),
        sa.Column("drop_unsupported", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "unread_languages IN ('refuse', 'english', 'second')", name=op.f("ck_api_keys_unread_languages")
        ),
        sa.CheckConstraint("scale IN ('ours', 'google')", name=op.f("ck_api_keys_scale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index("uq_api_keys_in_force", "api_keys", ["name"], unique=True, **where("revoked_at IS NULL"))
    op.create_table(
        "api_key_days",
        sa.Column("api_key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("over_quota", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_api_key_days_api_key_id")),
        sa.PrimaryKeyConstraint("api_key_id", "began_at", name=op.f("pk_api_key_days")),
    )
    op.create_table(
        "suggested_scores",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("api_key_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=True),
        sa.Column("client_token", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_suggested_scores_api_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggested_scores")),
    )
    op.create_index(op.f("ix_suggested_scores_api_key_id"), "suggested_scores", ["api_key_id"])
