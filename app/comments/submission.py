"""What a reader sends in, from the typed text to the comment: cleaned, scored, and only then written.

Nothing waits inside a transaction, so the scorer is asked before it opens: of the words that readers will see, not of
their markup. Whether they may write, and how fast, is cheap to ask: before that, and again in the transaction.
"""

from dataclasses import replace

from app.comments import deleting, editing, posting
from app.comments.posting import Destination, Draft, Posted
from app.installation import Installation
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.stories.stories import LONGEST_TITLE, Naming
from app.text import cleaning, markup
from app.toxicity.scorer import Scoring, Unavailable, known_as
from config.policy import SiteRules


def post(it: Installation, account_id: int, destination: Destination, text: str, confirmed: bool) -> Posted:
    """Post a typed text. Raises what `cleaning.comment` and `posting.post` raise."""
    with it.database.reading() as session:
        posting.ask(session, account_id, destination, it.house)
    rules = sites.rules_of(destination.site, it.house)
    text = cleaning.comment(text, rules.limits.comment_characters)
    texts = [markup.plain(text)]
    if destination.naming is not None:
        texts.append(destination.naming.title[:LONGEST_TITLE])
    scorings = _scored(it, account_id, texts)
    if destination.naming is not None:
        destination = replace(destination, naming=_presentable(destination.naming, scorings[1], rules))
    draft = Draft(text, scorings[0], confirmed)
    with it.database.transaction() as session:
        return posting.post(session, account_id, destination, draft, it.house)


def edit(it: Installation, account_id: int, site: SiteSnapshot, comment_id: int, text: str, confirmed: bool) -> Posted:
    """Give a comment of `site` a typed text. Raises what `cleaning.comment` and `editing.edit` raise."""
    with it.database.reading() as session:
        editing.ask(session, account_id, site, comment_id, it.house)
    text = cleaning.comment(text, sites.rules_of(site, it.house).limits.comment_characters)
    draft = Draft(text, _scored(it, account_id, [markup.plain(text)])[0], confirmed)
    with it.database.transaction() as session:
        return editing.edit(session, account_id, site, comment_id, draft, it.house)


def delete(it: Installation, account_id: int, comment_id: int) -> int:
    """Take a comment back and return the id of its story. Raises what `deleting.delete_own` raises."""
    with it.database.transaction() as session:
        return deleting.delete_own(session, account_id, comment_id).story_id


def _scored(it: Installation, account_id: int, texts: list[str]) -> list[Scoring]:
    """What the scorer says of each text, all within one deadline."""
    answer = it.scorer.of(account_id).score(texts, it.settings.scorer_deadline_ms / 1000)
    results = [answer] * len(texts) if isinstance(answer, Unavailable) else answer
    second = it.load_second_scorer is not None
    return [Scoring(known_as(it.scorer), result, second) for result in results]


def _presentable(naming: Naming, scoring: Scoring, rules: SiteRules) -> Naming:
    """`naming`, whose title came by way of a reader: one that would be held as a comment gives way to the address."""
    scores = {} if isinstance(scoring.result, Unavailable) else scoring.result.by_attribute()
    if scores and all(value < rules.thresholds[attribute].hold for attribute, value in scores.items()):
        return naming
    return Naming(naming.url, naming.url[:LONGEST_TITLE])
