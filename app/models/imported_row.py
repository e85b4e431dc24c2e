from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class ImportedRow(Model):
    """Where a row of an import went: its unique key is what makes an import restartable without a double."""

    __tablename__ = "imported_rows"

    # the operator's name for the import
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    comment_id: Mapped[int]
