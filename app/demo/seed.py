"""Sets the demo's newspaper up: its site, and its history as readers and moderators would have made it.

Everything goes through the functions that the web calls, at the moments of the story (app.clock), and money through
the simulated Stripe. So whatever the product promises of its data is true of the demo's.
"""

from collections.abc import Callable, Iterator
from functools import partial

from app import clock
from app.demo import arrivals, conversations, gazette, history, newspaper, questions, till
from app.demo.history import Event, World
from app.demo.newspaper import Newspaper
from app.installation import Installation
from app.sign_in import passwords
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.toxicity.scorer import Answer, Scorer, Scoring, Unavailable, known_as, scoring_of
from config.settings import SIMULATED_PRODUCT

PASSWORD = "harbour-demo"  # noqa: S105
KEY = "gazette"
SCORING_SECONDS = 60.0


def seed(it: Installation, progress: Callable[[str], None]) -> None:
    """Tell the whole history to an empty, migrated database; do nothing to one that has a newspaper.

    About ten seconds. `progress` hears a sentence now and then. An interrupted one must begin again on an empty
    database.
    """
    if sites.known(it.database):
        return
    paper, now = newspaper.load(), clock.now()
    secret = passwords.hashed(PASSWORD, words=())
    readers, remarks = _scored(paper, it.scorer)
    with till.opened(it) as opened:
        world = World(paper, now, opened.it, opened, _found(it))
        progress(f"{len(paper.readers)} readers sign up, and most subscribe.")
        told = [
            *arrivals.events(world, secret, readers),
            *_milestones(world, progress),
            *conversations.events(world, remarks),
            *questions.events(world),
        ]
        history.tell(told, opened)


def log_ins() -> list[tuple[str, str, str]]:
    """Accounts to look around with: (what they are, e-mail address, what to try)."""
    return [(reader.label, reader.address, reader.try_) for reader in newspaper.load().readers if reader.label]


def _found(it: Installation) -> SiteSnapshot:
    with it.database.transaction() as session:
        site = sites.create(session, KEY, it.house.name, [gazette.address(it.settings)], [SIMULATED_PRODUCT])
        site.policy = {"payments": {"names": "badge"}}
    return sites.by_key(it.database, KEY)


def _scored(paper: Newspaper, scorer: Scorer) -> tuple[dict[str, Answer], dict[str, Scoring]]:
    """What the scorer says of every name, by reader, and of every comment, by text."""
    remarks = [remark for story in paper.stories for remark in story.comments]
    texts = [reader.name for reader in paper.readers] + [remark.text.strip() for remark in remarks]
    answer = scorer.score(texts, SCORING_SECONDS)
    by = known_as(scorer)
    if isinstance(answer, Unavailable):
        return {reader.key: answer for reader in paper.readers}, {each.text: Scoring(by, answer) for each in remarks}
    of_readers: dict[str, Answer] = {
        reader.key: [scores] for reader, scores in zip(paper.readers, answer, strict=False)
    }
    of_remarks = zip(remarks, answer[len(paper.readers) :], strict=True)
    return of_readers, {remark.text: scoring_of(scorer, remark.text, scores) for remark, scores in of_remarks}


def _milestones(world: World, progress: Callable[[str], None]) -> Iterator[Event]:
    for story in world.paper.stories:
        told = f"{story.days_ago:.0f} days ago: {story.title} ({len(story.comments)} comments)"
        yield Event(world.ago(story.days_ago), partial(progress, told))
