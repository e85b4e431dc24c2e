"""How well a scorer does on the validation file, clean and disguised, and what the thresholds of a policy
would do there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from app.toxicity.metrics import auc, calibration_error
from app.toxicity.scorer import ATTRIBUTES
from app.training import corpus
from app.training.disguises import DISGUISES, disguise
from config.rules import Threshold

Probabilities = NDArray[np.float64]
Thresholds = Mapping[str, Threshold]
LEVELS = ("nudge", "hold", "severe")
# the names of identities that the madlibs put into their templates, in their spelling
SUBGROUPS = (
    *("african", "african american", "american", "asian", "black", "canadian", "chinese", "european", "hispanic"),
    *("indian", "japanese", "latina", "latino", "latinx", "mexican", "middle eastern", "white"),
    *("buddhist", "catholic", "christian", "jewish", "muslim", "protestant", "sikh", "taoist"),
    *("bisexual", "gay", "heterosexual", "homosexual", "lesbian", "lgbt", "lgbtq", "nonbinary", "queer", "straight"),
    *("trans", "transgender", "female", "male"),
    *("aged", "elderly", "middle aged", "millenial", "old", "older", "teenage", "young", "younger"),
    *("blind", "deaf", "paralyzed"),
)


class Measurable(Protocol):
    """What can be evaluated: a scorer that answers all texts at once, with probabilities (texts by six)."""

    @property
    def version(self) -> str: ...

    def probabilities(self, texts: Sequence[str]) -> Probabilities: ...


class Share(NamedTuple):
    """Of the clean and of the toxic rows, the share at or over a threshold; and of those at or over it, the
    toxic share.
    """

    clean: float
    toxic: float
    precision: float


class Bias(NamedTuple):
    """How texts that name one identity fare, AUC × 100: abuse against the rest among them (subgroup), the harmless
    ones against abuse that names none (BPSN: low where the name alone counts as abuse), abuse among them against
    harmless texts that name none (BNSP).
    """

    subgroup: float
    bpsn: float
    bnsp: float


class ScorerEvaluation(NamedTuple):
    """Areas are AUC × 100. probabilities and labels are the validation file's, rows by six."""

    version: str
    by_attribute: dict[str, float]
    by_disguise: dict[str, float]
    madlibs: float
    identities: dict[str, Bias]
    calibration: dict[str, float]
    probabilities: Probabilities
    labels: NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """Of the six attributes' areas, AUC × 100."""
        return float(np.mean(list(self.by_attribute.values())))

    def shares(self, thresholds: Thresholds) -> dict[tuple[str, str], Share]:
        """By level and attribute, with the attribute "any" for a row that reaches the level by one or
        another.
        """
        toxic = np.any(self.labels, axis=1)
        found = dict[tuple[str, str], Share]()
        for level in LEVELS:
            limits = np.array([getattr(thresholds.get(name), level, np.inf) for name in ATTRIBUTES])
            over = self.probabilities >= limits
            for k, name in enumerate(ATTRIBUTES):
                if np.isfinite(limits[k]):
                    found[level, name] = _share(over[:, k], toxic)
            found[level, "any"] = _share(np.any(over, axis=1), toxic)
        return found


def evaluate(scorer: Measurable, folder: Path, progress: Callable[[str, int, int], None]) -> ScorerEvaluation:
    """Scores the validation file in `folder` as it is and in ten disguises, and the identity madlibs. OSError when a
    file is missing.
    """
    rows = corpus.read(folder, (corpus.VALIDATION,))
    labels = rows.labels >= 0.5
    probabilities = scorer.probabilities(rows.texts)
    disguised = dict[str, float]()
    for number, how in enumerate(DISGUISES):
        progress("measure", number, len(DISGUISES))
        scores = scorer.probabilities([disguise(text, how) for text in rows.texts])
        disguised[how] = float(np.mean(_areas(labels, scores)))
    texts, abuse = corpus.madlibs(folder)
    toxicity = scorer.probabilities(texts)[:, 0]
    return ScorerEvaluation(
        scorer.version,
        dict(zip(ATTRIBUTES, _areas(labels, probabilities), strict=True)),
        disguised,
        100 * auc(abuse, toxicity),
        bias(texts, abuse, toxicity),
        {name: calibration_error(labels[:, k], probabilities[:, k]) for k, name in enumerate(ATTRIBUTES)},
        probabilities,
        labels,
    )


def bias(texts: Sequence[str], abuse: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Bias]:
    """By identity, of those that any text names."""
    lower, found = [text.lower() for text in texts], dict[str, Bias]()
    for name in SUBGROUPS:
        pattern = re.compile(rf"\b{name}\b")
        named = np.array([pattern.search(text) is not None for text in lower])
        if named.any():
            areas = (auc(abuse[rows], scores[rows]) for rows in (named, named ^ abuse, ~(named ^ abuse)))
            found[name] = Bias(*(100 * area for area in areas))
    return found


def _areas(labels: NDArray[np.bool_], scores: Probabilities) -> list[float]:
    return [100 * auc(labels[:, k], scores[:, k]) for k in range(len(ATTRIBUTES))]


def _share(over: NDArray[np.bool_], toxic: NDArray[np.bool_]) -> Share:
    precision = float(toxic[over].mean()) if over.any() else float("nan")
    return Share(float(over[~toxic].mean()), float(over[toxic].mean()), precision)
