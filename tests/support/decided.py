"""A newspaper whose comments have chosen scores and decisions, as rows and without the web."""

from datetime import datetime, timedelta

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Assessment, Comment, Decision, Revision, Statement
from app.models.comment import PUBLISHED, REMOVED
from app.thresholds import comments
from app.thresholds.evidence import Collected, Evidence
from app.toxicity.scorer import known_as
from tests.support import evidence, factories
from tests.support.scorers import Marked

NOW = known_as(Marked())
OLD = "marked/0"


class Newspaper:
    """A site with a story and an author, outside of any transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.site = factories.site(session)
            self.story = factories.story(session, self.site)
            self.author, self.moderator = factories.account(session), factories.account(session)

    def comment(
        self,
        toxicity: float,
        *,
        scorer: str = NOW,
        state: str = PUBLISHED,
        at: datetime | None = None,
        text: str | None = None,
    ) -> Comment:
        """A comment that `scorer` gave this score; Marked reads it in the text."""
        text = text or f"[toxicity={toxicity}]"
        with self.database.transaction() as session:
            comment = factories.comment(session, self.story, self.author, text, state=state, at=at)
        self.assess(comment, toxicity, scorer)
        return comment

    def assess(self, comment: Comment, toxicity: float, scorer: str = NOW, **more: object) -> None:
        with self.database.transaction() as session:
            session.add(
                Assessment(
                    id=new_id(),
                    comment_id=comment.id,
                    revision=comment.revision,
                    outcome="publish",
                    reasons=[],
                    signals=evidence.signals(toxicity=toxicity) | more,
                    scorer=scorer,
                    created_at=clock.now(),
                )
            )

    def edit(self, comment: Comment, toxicity: float) -> None:
        with self.database.transaction() as session:
            comment = session.get_one(Comment, comment.id)
            comment.text, comment.revision = f"[toxicity={toxicity}] edited", comment.revision + 1
            revision = {"number": comment.revision, "text": comment.text, "created_at": clock.now()}
            session.add(Revision(comment_id=comment.id, **revision))
        self.assess(comment, toxicity)

    def approve(self, comment: Comment) -> None:
        """A moderator finds nothing wrong with it."""
        with self.database.transaction() as session:
            session.add(self._decision(comment, "approve", PUBLISHED))

    def remove(self, comment: Comment, rule: str = "respect") -> None:
        """A moderator takes it down."""
        about = {"site_id": self.site.id, "subject_type": "comment", "subject_id": comment.id}
        with self.database.transaction() as session:
            statement = Statement(
                id=new_id(),
                account_id=self.author.id,
                restrictions=["visibility_removed"],
                rule=rule,
                category="STATEMENT_CATEGORY_CYBER_VIOLENCE",
                source_type="SOURCE_VOLUNTARY",
                automated_detection=False,
                automated_decision="AUTOMATED_DECISION_NOT_AUTOMATED",
                text="For a test.",
                language="en",
                applies_from=clock.now(),
                created_at=clock.now(),
                appeal_until=clock.now(),
                **about,
            )
            session.add(statement)
            session.flush()
            session.add(self._decision(comment, "remove", REMOVED, rule=rule, statement_id=statement.id))
            session.get_one(Comment, comment.id).state = REMOVED

    def _decision(self, comment: Comment, action: str, became: str, **more: object) -> Decision:
        return Decision(
            id=new_id(),
            site_id=self.site.id,
            subject_type="comment",
            subject_id=comment.id,
            account_id=self.author.id,
            actor_id=self.moderator.id,
            action=action,
            reason="For a test.",
            before={"state": comment.state, "became": became},
            created_at=clock.now(),
            **more,
        )

    def collect(self, *, rescore: bool = False, days: int = 30) -> tuple[Evidence, Collected]:
        collected = Collected()
        since = clock.now() - timedelta(days=days)
        comments.collect(self.database, collected, self.site.id, since, Marked(), rescore=rescore)
        return collected.evidence(), collected
