"""What a reader sends in, from the typed text to the comment: cleaned, scored, and only then written.

Nothing waits inside a transaction, so the scorer is asked before it opens: of the words that readers will see, not of
their markup. Whether they may write, and how fast, is cheap to ask: before that, and again in the transaction.
"""

from collections.abc import Sequence

from app.comments import deleting, editing, posting
from app.comments.nudge import Answer
from app.comments.posting import Destination, Draft, Posted
from app.installation import Installation
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.text import cleaning, markup
from app.toxicity.scorer import Scores, Scoring, Unavailable, scoring_of


def post(it: Installation, account_id: int, destination: Destination, text: str, answer: Answer) -> Posted:
    """Post a typed text. Raises what `cleaning.comment` and `posting.post` raise."""
    with it.database.reading() as session:
        posting.ask(session, account_id, destination, it.house)
    rules = sites.rules_of(destination.site, it.house)
    text = cleaning.comment(text, rules.limits.comment_characters)
    draft = Draft(text, _scored(it, account_id, [markup.plain(text)])[0], answer)
    with it.database.transaction() as session:
        return posting.post(session, account_id, destination, draft, it.house)


def edit(it: Installation, account_id: int, site: SiteSnapshot, comment_id: int, text: str, answer: Answer) -> Posted:
    """Give a comment of `site` a typed text. Raises what `cleaning.comment` and `editing.edit` raise."""
    with it.database.reading() as session:
        editing.ask(session, account_id, site, comment_id, it.house)
    text = cleaning.comment(text, sites.rules_of(site, it.house).limits.comment_characters)
    draft = Draft(text, _scored(it, account_id, [markup.plain(text)])[0], answer)
    with it.database.transaction() as session:
        return editing.edit(session, account_id, site, comment_id, draft, it.house)


def delete(it: Installation, account_id: int, comment_id: int) -> int:
    """Take a comment back and return the id of its story. Raises what `deleting.delete_own` raises."""
    with it.database.transaction() as session:
        return deleting.delete_own(session, account_id, comment_id).story_id


def _scored(it: Installation, account_id: int, texts: list[str]) -> list[Scoring]:
    """What the scorer says of each text, all within one deadline."""
    answer = it.scorer.of(account_id).score(texts, it.settings.scorer_deadline_ms / 1000)
    results: Sequence[Scores | Unavailable] = [answer] * len(texts) if isinstance(answer, Unavailable) else answer
    second = it.load_second_scorer is not None
    return [scoring_of(it.scorer, text, result, second=second) for text, result in zip(texts, results, strict=True)]
