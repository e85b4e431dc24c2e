from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class SuggestedScore(Model):
    """What somebody at a publisher says the scores of a text should be. Added, never edited: the latest one counts."""

    __tablename__ = "suggested_scores"

    id: Mapped[int] = primary_key()
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), index=True)
    text: Mapped[str]
    # attribute of app.toxicity.ATTRIBUTES -> 0.0 to 1.0; of a moderator's decision, 0.0 approved and 1.0 rejected
    scores: Mapped[dict[str, Any]]
    # as the publisher named them, perhaps none
    languages: Mapped[list[str]]
    # the publisher's own names for the community and for the comment
    community_id: Mapped[str | None]
    client_token: Mapped[str | None]
    created_at: Mapped[datetime]
