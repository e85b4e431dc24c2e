"""What a scorer is: texts in, six calibrated probabilities each out, or an honest "cannot say now"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from app.toxicity import languages

ATTRIBUTES = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")


class Scores(msgspec.Struct, frozen=True):
    """The probability, 0 to 1, that a reader would say each of these of one text."""

    toxicity: float
    severe_toxicity: float
    obscene: float
    threat: float
    insult: float
    identity_attack: float

    def by_attribute(self) -> dict[str, float]:
        """{attribute: probability}, in the order of ATTRIBUTES."""
        return {attribute: getattr(self, attribute) for attribute in ATTRIBUTES}


class Unavailable(msgspec.Struct, frozen=True):
    """No scores, and why: deadline, crashed, saturated or resting. The caller holds the comment."""

    reason: str


# scores in the order of the texts, or none at all
Answer = list[Scores] | Unavailable


class Scorer(Protocol):
    """Name and version are stored with every score, so that old scores can be told from new ones."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages that it reads (app.toxicity.languages); of others its scores mean little."""
        ...

    def score(self, texts: Sequence[str], deadline: float) -> Answer:
        """Scores in the order of the texts, within `deadline` seconds from now, or Unavailable."""
        ...


@dataclass(frozen=True)
class Scoring:
    """What a scorer (`known_as`) said of one text. `second`: whether there is another to ask where it is in doubt.

    `languages` are those that the text is surely in, `reads` those that the scorer reads.
    """

    scorer: str
    result: Scores | Unavailable
    second: bool = False
    languages: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()


def scoring_of(scorer: Scorer, text: str, result: Scores | Unavailable, *, second: bool = False) -> Scoring:
    """What `scorer` said of `text`, with the languages that it is in."""
    seen = languages.found(text, scorer.languages) if isinstance(result, Scores) else ()
    return Scoring(known_as(scorer), result, second, seen, scorer.languages)


def known_as(scorer: Scorer) -> str:
    """How an assessment names its scorer, so that old scores can be told from new ones."""
    return f"{scorer.name}/{scorer.version}"
