"""What is known of each text, as columns of numbers: about 60 bytes a text, so a month of a large paper fits."""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.signals import toxicity_scores
from app.signals.family import Signals
from app.signals.origin import is_imported
from app.signals.premoderation import is_premoderated
from app.signals.unscored import is_unscored
from app.thresholds.labels import Label
from app.toxicity.metrics import Flags
from app.toxicity.scorer import ATTRIBUTES

REMOVED, APPROVED, UNKNOWN = 1, 0, -1


@dataclass(frozen=True)
class Evidence:
    """Texts in rows. `scores`: rows by six, NaN where the scorer did not answer; `labels`: REMOVED, APPROVED, UNKNOWN.

    `ours`: a comment, not a text that a publisher suggested a score for; `waiting`: nobody has decided yet, and readers
    do not see it; `held_anyway`: whatever its scores, because it has none or its story is pre-moderated; `imported`:
    its author could not be asked to think again.
    """

    scores: NDArray[np.float64]
    labels: NDArray[np.int8]
    ours: Flags
    waiting: Flags
    held_anyway: Flags
    imported: Flags

    @property
    def removed(self) -> Flags:
        """Taken down by people in the end."""
        return np.equal(self.labels, REMOVED)

    @property
    def approved(self) -> Flags:
        """Left standing by people in the end."""
        return np.equal(self.labels, APPROVED)

    @property
    def unreviewed(self) -> Flags:
        """Published, and nobody looked: neither good nor bad."""
        return np.equal(self.labels, UNKNOWN) & ~self.waiting

    @property
    def scored(self) -> Flags:
        """With all six scores."""
        known: Flags = ~np.isnan(self.scores.sum(axis=1))
        return known


@dataclass
class Collected:
    """Evidence as it comes in, with what had to be left out: counts by reason."""

    left_out: Counter[str] = field(default_factory=Counter)
    # removals by the rule that was broken
    rules: Counter[str] = field(default_factory=Counter)
    _scores: "array[float]" = field(default_factory=lambda: array("d"))
    _labels: "array[int]" = field(default_factory=lambda: array("b"))
    _flags: "array[int]" = field(default_factory=lambda: array("b"))

    def comment(self, signals: Signals, label: Label | None, *, waiting: bool) -> None:
        """A comment with the signals of its assessment and the final word on it."""
        scores = toxicity_scores.read(signals)
        held_anyway = is_unscored(signals) or is_premoderated(signals)
        row = [scores.get(attribute, float("nan")) for attribute in ATTRIBUTES]
        waits = waiting and label is None
        self._add(row, label, True, waits, held_anyway, is_imported(signals))

    def suggestion(self, scores: Mapping[str, float], label: Label) -> None:
        """A text that a publisher has suggested a score for, with the scores of our own."""
        self._add([scores[attribute] for attribute in ATTRIBUTES], label, False, False, False, False)

    def evidence(self) -> Evidence:
        """What has come in so far."""
        flags = np.asarray(self._flags).reshape(-1, 4).astype(bool)
        scores = np.asarray(self._scores).reshape(-1, len(ATTRIBUTES))
        return Evidence(scores, np.asarray(self._labels), *flags.T)

    def _add(self, scores: list[float], label: Label | None, *flags: bool) -> None:
        self._scores.extend(scores)
        self._labels.append(UNKNOWN if label is None else int(label.removed))
        self._flags.extend(flags)
        if label and label.rule:
            self.rules[label.rule] += 1
