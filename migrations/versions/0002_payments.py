"""payments: charges, payment identities and cases, terminations, and how far Stripe's lists have been walked"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME_CHECK = "name_check IN ('match', 'mismatch', 'exception')"
CASE_KINDS = "kind IN ('possible_return', 'claimed_twice', 'lost_dispute', 'fraud_warning', 'name_mismatch')"
TROUBLED = sa.text("trouble IS NOT NULL")
BEHIND = sa.text("applied_seq < requested_seq")
FREE = "'approve', 'dismiss', 'uphold', 'overturn', 'undo', 'lift'"
FREE_HERE = "'approve', 'dismiss', 'allow', 'refuse', 'uphold', 'overturn', 'undo', 'lift'"
LIVING = sa.text("state IN ('proposed', 'approved')")


def upgrade() -> None:
    # an inline CHECK, since SQLite could add it later only by copying a table that others refer to
    op.execute(
        f"ALTER TABLE accounts ADD COLUMN name_check TEXT CONSTRAINT ck_accounts_name_check CHECK ({NAME_CHECK})"
    )
    _decisions(FREE, FREE_HERE)
    _customers()
    _subscriptions()
    _one_time_tokens("'verify', 'reset', 'claim'")
    op.add_column("one_time_tokens", sa.Column("customer_id", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("customer_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_letters_customer_id"), "letters", ["customer_id"], unique=False)
    op.add_column("stripe_events", sa.Column("snapshot_event", sa.Text(), nullable=True))
    op.create_index(op.f("ix_stripe_events_snapshot_event"), "stripe_events", ["snapshot_event"], unique=False)
    op.create_index(op.f("ix_stripe_events_received_at"), "stripe_events", ["received_at"], unique=False)
    op.add_column("stripe_sync", sa.Column("behind_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_stripe_sync_behind_since", "stripe_sync", ["behind_since"], sqlite_where=BEHIND, postgresql_where=BEHIND
    )
    op.add_column("stripe_sync", sa.Column("trouble", sa.Text(), nullable=True))
    # nobody ever asked when an object was last fetched; each table of facts knows that of its own rows
    op.drop_index("ix_stripe_sync_fetched_at", table_name="stripe_sync")
    op.drop_column("stripe_sync", "fetched_at")
    op.create_index(
        "ix_stripe_sync_trouble", "stripe_sync", ["trouble"], sqlite_where=TROUBLED, postgresql_where=TROUBLED
    )
    op.create_table(
        "charges",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.Boolean(), nullable=False),
        sa.Column("dispute_status", sa.Text(), nullable=True),
        sa.Column("fraud_warning", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    op.create_index(op.f("ix_charges_customer_id"), "charges", ["customer_id"], unique=False)
    op.create_index(op.f("ix_charges_subscription_id"), "charges", ["subscription_id"], unique=False)
    op.create_table(
        "payment_identities",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('card', 'bacs_debit', 'sepa_debit', 'paypal', 'link', 'email')",
            name=op.f("ck_payment_identities_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payment_identities_account_id")),
        sa.PrimaryKeyConstraint("token", "account_id", name=op.f("pk_payment_identities")),
    )
    op.create_index(op.f("ix_payment_identities_account_id"), "payment_identities", ["account_id"], unique=False)
    op.create_index(op.f("ix_payment_identities_key_id"), "payment_identities", ["key_id"], unique=False)
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
        sa.CheckConstraint(CASE_KINDS, name=op.f("ck_payment_cases_kind")),
        sa.CheckConstraint(
            "outcome IN ('open', 'confirmed', 'allowed', 'dismissed')", name=op.f("ck_payment_cases_outcome")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payment_cases_account_id")),
        sa.ForeignKeyConstraint(["sanction_id"], ["sanctions.id"], name=op.f("fk_payment_cases_sanction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_cases")),
    )
    op.create_index(op.f("ix_payment_cases_sanction_id"), "payment_cases", ["sanction_id"], unique=False)
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
        sa.CheckConstraint("method IN ('at_period_end', 'now_with_refund')", name=op.f("ck_terminations_method")),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'withdrawn', 'done', 'failed')",
            name=op.f("ck_terminations_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_terminations_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_terminations_site_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["accounts.id"], name=op.f("fk_terminations_proposed_by")),
        sa.ForeignKeyConstraint(["judged_by"], ["accounts.id"], name=op.f("fk_terminations_judged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminations")),
    )
    op.create_index(op.f("ix_terminations_account_id"), "terminations", ["account_id"], unique=False)
    op.create_index(
        "uq_terminations_living",
        "terminations",
        ["subscription_id"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )
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


def _decisions(before: str, after: str) -> None:
    """Which actions need no statement of reasons."""
    name, condition = op.f("ck_decisions_statement"), "statement_id IS NOT NULL OR action IN ({})"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "decisions", type_="check")
        op.create_check_constraint(name, "decisions", condition.format(after))
        return
    # other tables refer to this one, so it cannot be copied; SQLite documents this way to change a CHECK in place
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema=ON")
    op.get_bind().exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'decisions'",
        (condition.format(before), condition.format(after)),
    )
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")


def _customers() -> None:
    """An orphan has no account, so the column may be empty from now on."""
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("email_token", sa.Text(), nullable=True))
        table.add_column(sa.Column("features", sa.Text(), nullable=False, server_default="[]"))
        table.alter_column("account_id", existing_type=sa.BigInteger(), nullable=True)
    op.create_index(op.f("ix_customers_email_token"), "customers", ["email_token"], unique=False)


def _subscriptions() -> None:
    """What was refunded or is disputed follows from the charges."""
    op.add_column("subscriptions", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscriptions", sa.Column("paid_invoice", sa.Text(), nullable=True))
    op.add_column("subscriptions", sa.Column("written_off", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subscriptions", sa.Column("awaited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subscriptions", sa.Column("reminded_invoice", sa.Text(), nullable=True))
    op.drop_column("subscriptions", "refunded")
    op.drop_column("subscriptions", "disputed")


def _one_time_tokens(purposes: str) -> None:
    name, condition = op.f("ck_one_time_tokens_purpose"), f"purpose IN ({purposes})"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "one_time_tokens", type_="check")
        op.create_check_constraint(name, "one_time_tokens", condition)
        return
    # the copy that SQLite needs leaves the old CHECK behind
    with op.batch_alter_table("one_time_tokens", recreate="always") as table:
        table.create_check_constraint(name, condition)


def downgrade() -> None:
    for table in ("stripe_pace", "stripe_cursors", "terminations", "payment_cases", "payment_identities", "charges"):
        op.drop_table(table)
    op.drop_index("ix_stripe_sync_behind_since", table_name="stripe_sync")
    op.drop_column("stripe_sync", "behind_since")
    op.drop_index(op.f("ix_stripe_events_received_at"), table_name="stripe_events")
    op.drop_index(op.f("ix_stripe_events_snapshot_event"), table_name="stripe_events")
    op.drop_column("stripe_events", "snapshot_event")
    op.drop_index(op.f("ix_letters_customer_id"), table_name="letters")
    op.drop_column("letters", "customer_id")
    op.drop_index("ix_stripe_sync_trouble", table_name="stripe_sync")
    op.drop_column("stripe_sync", "trouble")
    op.add_column("stripe_sync", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_stripe_sync_fetched_at", "stripe_sync", ["fetched_at"])
    op.drop_column("one_time_tokens", "customer_id")
    op.execute("DELETE FROM one_time_tokens WHERE purpose = 'claim'")
    _one_time_tokens("'verify', 'reset'")
    op.add_column("subscriptions", sa.Column("refunded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subscriptions", sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column("subscriptions", "paid_invoice")
    op.drop_column("subscriptions", "started_at")
    op.drop_column("subscriptions", "written_off")
    op.drop_column("subscriptions", "awaited")
    op.drop_column("subscriptions", "reminded_invoice")
    op.drop_index(op.f("ix_customers_email_token"), table_name="customers")
    op.execute("DELETE FROM customers WHERE account_id IS NULL")
    with op.batch_alter_table("customers") as customers:
        customers.drop_column("email_token")
        customers.drop_column("features")
        customers.alter_column("account_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_column("accounts", "name_check")
    # before, nothing could be allowed or refused; both leave things as they were, and so does what is dismissed
    op.execute("UPDATE decisions SET action = 'dismiss' WHERE action IN ('allow', 'refuse')")
    _decisions(FREE_HERE, FREE)
