"""Scores of many texts, written out as they come: JSON Lines or CSV, in batches, in the order of the texts."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, Protocol

import msgspec

from app.cli.score_input import Text
from app.toxicity import ATTRIBUTES, Scorer, Unavailable

# seconds for a whole batch, for the slowest scorer on the slowest machine: nobody waits for an answer here
DEADLINE_SECONDS = 600.0
SCORE_DIGITS = 6


class NoAnswer(RuntimeError):
    """The scorer has no scores for a batch: the message says why."""


class Out(Protocol):
    """Where rows go."""

    def write(self, row: dict[str, Any]) -> None: ...

    def flush(self) -> None: ...


def score(scorer: Scorer, batches: Iterable[list[Text]], out: Out) -> None:
    """Write a row (id, text, six probabilities) for each text. Raises NoAnswer, and what `batches` raises."""
    for batch in batches:
        answer = scorer.score([text for _, text in batch], DEADLINE_SECONDS)
        if isinstance(answer, Unavailable):
            raise NoAnswer(f"the scorer {scorer.name} does not answer: {answer.reason}")
        for (text_id, text), scores in zip(batch, answer, strict=True):
            rounded = {attribute: round(value, SCORE_DIGITS) for attribute, value in scores.by_attribute().items()}
            out.write({"id": text_id, "text": text, **rounded})
        out.flush()


class JsonLines:
    """An object a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, row: dict[str, Any]) -> None:
        self._file.write(msgspec.json.encode(row) + b"\n")

    def flush(self) -> None:
        self._file.flush()


class Csv:
    """A header, then a row each."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._rows = csv.DictWriter(self._file, ("id", "text", *ATTRIBUTES), lineterminator="\n")
        self._rows.writeheader()

    def write(self, row: dict[str, Any]) -> None:
        self._rows.writerow(row)

    def flush(self) -> None:
        self._file.flush()


FORMATS: dict[str, Callable[[BinaryIO], Out]] = {"jsonl": JsonLines, "csv": Csv}
