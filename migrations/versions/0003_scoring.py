"""scoring: API keys, the scores that publishers suggest, and second opinions"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("revoked_at IS NULL")
SECOND = sa.text("revises_id IS NOT NULL")
EFFECT = "effect IN ('held', 'published', 'nothing', 'unavailable')"


def upgrade() -> None:
    _api_keys()
    _suggested_scores()
    _second_opinions()


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("per_second", sa.BigInteger(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(
        "uq_api_keys_in_force", "api_keys", ["name"], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
    )


def _suggested_scores() -> None:
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
    op.create_index(op.f("ix_suggested_scores_api_key_id"), "suggested_scores", ["api_key_id"], unique=False)


def _second_opinions() -> None:
    op.add_column("assessments", sa.Column("margin", sa.Float(), nullable=True))
    op.add_column("assessments", sa.Column("revises_id", sa.BigInteger(), nullable=True))
    # an inline CHECK, since SQLite could add it later only by copying the table
    op.execute(f"ALTER TABLE assessments ADD COLUMN effect TEXT CONSTRAINT ck_assessments_effect CHECK ({EFFECT})")
    op.create_index(
        "uq_assessments_revises",
        "assessments",
        ["revises_id"],
        unique=True,
        sqlite_where=SECOND,
        postgresql_where=SECOND,
    )


def downgrade() -> None:
    op.drop_index("uq_assessments_revises", table_name="assessments")
    for column in ("effect", "revises_id", "margin"):
        op.drop_column("assessments", column)
    op.drop_table("suggested_scores")
    op.drop_table("api_keys")
