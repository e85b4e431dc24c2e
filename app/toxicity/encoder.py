"""A transformer in ONNX form, run by onnxruntime on one core: texts in, logits out. No torch.

One window at a time, on purpose: there is nothing to pad, the quantised arithmetic of one text does not depend on
which others are with it, and on one core a batch is no faster.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

# tokens that two windows in a row have in common
_OVERLAP_TOKENS = 32
_ERRORS_ONLY = 3


class Encoder:
    """`model` takes `input_ids` and, if it asks for it, `attention_mask` (1 by tokens each), and gives `logits` (1 by
    outputs). `tokenizer` is a tokenizer.json. A text of more than `longest` tokens is read in overlapping windows.

    Raises onnxruntime's and tokenizers' own errors where the files are missing or damaged.
    """

    def __init__(self, model: Path, tokenizer: Path, longest: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest, stride=_OVERLAP_TOKENS)
        self._session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
        self._masked = any(each.name == "attention_mask" for each in self._session.get_inputs())

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts by outputs: the maximum over each text's windows. `texts` has one at least; lone surrogates are not
        allowed in it."""
        return self.highest([self.windows(text) for text in texts])

    def windows(self, text: str) -> list[list[int]]:
        """The tokens of each window of `text`; each costs as much as any other."""
        first = self._tokenizer.encode(text)
        return [each.ids for each in (first, *first.overflowing)]

    def highest(self, texts: Sequence[list[list[int]]]) -> NDArray[np.float32]:
        """As `logits`, of texts given as their windows."""
        return np.stack([np.max([self._window(ids) for ids in windows], axis=0) for windows in texts])

    def _window(self, ids: list[int]) -> NDArray[np.float32]:
        tokens = np.array([ids], np.int64)
        given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)} if self._masked else {"input_ids": tokens}
        logits: NDArray[np.float32] = self._session.run(["logits"], given)[0][0]
        return logits


def _options() -> onnxruntime.SessionOptions:
    """One thread, and memory given back after each text: a server has other threads and other things to keep."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = _ERRORS_ONLY
    return options
