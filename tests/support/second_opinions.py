"""Two scorers before one story: the first answers those who post, the second is asked by a worker."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select

from app.installation import Installation
from app.jobs.runner import Runner
from app.models import Assessment, Comment, Job
from app.screening import second_opinion
from app.screening.sampling import RECONSIDER
from app.toxicity.scorer import Scorer
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.posting import Scene
from tests.support.scorers import Marked

# what the first says of an insult, what the second says, and so the comment is ... and then ...
PUBLISHED_THEN_HELD = "[insult=0.45] [second insult=0.95]"
HELD_THEN_PUBLISHED = "[insult=0.8] [second insult=0.3]"
SECOND = Marked("second ")


@dataclass
class Cascade:
    """A scene, and the worker behind it."""

    scene: Scene
    settings: Settings
    house: HouseRules

    @property
    def it(self) -> Installation:
        """The installation, as its worker has it."""
        return assembled(self.settings, self.house, self.scene.database)

    def post(self, text: str, **members: Any) -> int:
        """The id of a comment that the reader posts and stands by."""
        answer = self.scene.post(text, confirm=True, **members)
        assert answer.status_code == 201, answer.text
        return int(answer.get_json()["id"])

    def opine(self, job: dict[str, str]) -> None:
        """Do one job."""
        second_opinion.reconsider(replace(self.it, load_second_scorer=lambda: SECOND), job)

    def runner(self, scorer: Scorer = SECOND) -> Runner:
        """A worker that has `scorer` for the second."""
        it = replace(self.it, load_second_scorer=lambda: scorer)
        return Runner(it.database, {RECONSIDER: partial(second_opinion.reconsider, it)})

    def reconsider(self, scorer: Scorer = SECOND) -> int:
        """Let the worker do all that is due; how many jobs that were."""
        return self.runner(scorer).run_all()

    def state(self, comment_id: int) -> str:
        with self.scene.database.reading() as session:
            return session.get_one(Comment, comment_id).state

    def assessments(self, comment_id: int) -> list[Assessment]:
        """The first opinion, then the second."""
        with self.scene.database.reading() as session:
            found = select(Assessment).where(Assessment.comment_id == comment_id).order_by(Assessment.id)
            return list(session.scalars(found))

    def jobs(self) -> list[Job]:
        with self.scene.database.reading() as session:
            return list(session.scalars(select(Job).where(Job.kind == RECONSIDER)))
