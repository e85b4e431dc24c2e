"""What kinds of item the queue holds. Each is declared by the package that owns its subject, in its `queue_kind.py`.

The list of those in use is `app.kinds`. It stands above everyone who declares one, while those who open, list and
decide items stand below, so it is handed over here, once, when it is imported.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.models import Model
from config.rules import SiteRules

COMMENT, ACCOUNT = "comment", "account"
SEVERE = "severe"


@dataclass(frozen=True)
class Question:
    """What an item asks. `actions` are the possible answers (moderation.actions), in the order of their buttons.

    `least` is the one that entails no more than the broken rule itself does, `rule` the one that is likely broken.
    `title` says in words what is asked, where the kind's own does not; `buttons` say more than an action's usual word.
    `detected`: software pointed to what is asked about.
    """

    name: str
    actions: tuple[str, ...]
    least: str | None = None
    rule: str | None = None
    title: str | None = None
    buttons: Mapping[str, str] = field(default_factory=dict)
    detected: bool = False


@dataclass(frozen=True)
class SubjectType:
    """What an item can be about: a row of `table`, which the functions get if they do not ask for its id.

    `asks` names the question, needed only where there are several; `comment` is the id of the comment that is shown
    with it, `text` what somebody wrote, for the line in the queue. `about` is type and id of what a decision is on in
    the end, `parties` are, of each subject of some ids, the accounts besides the one affected that may not decide;
    `concerns_parties`: they gain or lose by the decision as well, so that their rank counts too. `details` is what the
    item's page needs besides, for the account of a viewer.
    """

    name: str
    table: type[Model]
    questions: tuple[Question, ...]
    asks: Callable[[Any], str] | None = None
    comment: Callable[[Any], int] | None = None
    text: Callable[[Any], str] | None = None
    about: Callable[[Session, int], tuple[str, int]] | None = None
    parties: Callable[[Session, Collection[int]], dict[int, set[int]]] | None = None
    concerns_parties: bool = False
    details: Callable[[Session, int, Any], object] | None = None

    def question(self, subject: Any) -> str:
        """The name of what is asked about `subject`, a row of the table (None: it is gone)."""
        if self.asks is not None:
            return self.asks(subject) if subject is not None else self.name
        return self.questions[0].name


@dataclass(frozen=True)
class Kind:
    """One kind of item, with a tab of its own in the queue and the page desk/kinds/<name>.html.

    `hours` is the time to decide, unless the rules have `due.<name>_hours`. `notified`: somebody gave notice of it as
    illegal content (DSA Art. 16). `usual_reason` is what a moderator who writes none has decided by naming a rule.
    """

    name: str
    title: str
    plural: str
    hours: int
    subjects: tuple[SubjectType, ...]
    notified: bool = False
    usual_reason: str | None = None

    def time_to_decide(self, reason: str, rules: SiteRules) -> timedelta:
        """How long moderators may take over an item that is there for `reason`."""
        if reason == SEVERE:
            return timedelta(hours=rules.due.severe_hours)
        return timedelta(hours=getattr(rules.due, f"{self.name}_hours", None) or self.hours)


class Kinds:
    """The kinds in use. What is in none of them raises KeyError."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self.all = tuple(kinds)
        self._kinds = {kind.name: kind for kind in self.all}
        self._types = {each.name: each for kind in self.all for each in kind.subjects}
        self._questions = {asked.name: asked for each in self._types.values() for asked in each.questions}

    def kind(self, name: str) -> Kind:
        """The kind of that name."""
        return self._kinds[name]

    def subject_type(self, name: str) -> SubjectType:
        """The type of subject of that name."""
        return self._types[name]

    def question(self, name: str) -> Question:
        """The question of that name."""
        return self._questions[name]

    def title(self, question: str | None) -> str | None:
        """What a question says in words of its own; None where it has none."""
        asked = self._questions.get(question or "")
        return asked.title if asked else None


_in_use = Kinds(())


def use(kinds: Iterable[Kind]) -> None:
    """From now on these are the kinds that there are."""
    global _in_use
    _in_use = Kinds(kinds)


def in_use() -> Kinds:
    """The kinds that there are."""
    return _in_use
