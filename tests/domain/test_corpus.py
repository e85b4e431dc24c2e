"""The data sets, as files that other files are read beside."""

import csv
import gzip
from pathlib import Path

from app.training import corpus


def test_what_is_read_afterwards_has_the_limit_that_it_had(tmp_path: Path) -> None:
    """It is the whole process's: an import's field without end would no more spoil its row alone."""
    before, sentence = csv.field_size_limit(), "x" * (csv.field_size_limit() + 1)
    with gzip.open(tmp_path / corpus.MADLIBS, "wt") as file:
        csv.writer(file).writerows([("Text", "Label"), (sentence, "BAD")])
    texts, abuse = corpus.madlibs(tmp_path)
    assert (texts, abuse.tolist(), csv.field_size_limit()) == ([sentence], [True], before)
