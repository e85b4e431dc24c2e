"""A transformer in torch: texts in, logits out, many windows at once. Needs the extra `detoxify`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import Tokenizer

from app.toxicity import prepared
from app.toxicity.prepared import Prepared

# tokens that two windows in a row have in common
_OVERLAP_TOKENS = 32
# tokens that go through the network at once, padding included
BATCH_TOKENS = 4096


class TorchNetwork:
    """Call it with texts, for pieces of the answer: the numbers of some texts, and the logits of a window of each
    (windows by labels).
    """

    def __init__(self, network: torch.nn.Module, tokenizer: Tokenizer, model: Prepared) -> None:
        self._network = network
        self._pad = model.pad
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.window, stride=_OVERLAP_TOKENS)

    def __call__(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        windows = [(owner, ids) for owner, text in enumerate(texts) for ids in self._windows(text)]
        for batch in batches([len(ids) for _, ids in windows]):
            yield [windows[i][0] for i in batch], self._logits([windows[i][1] for i in batch])

    def _windows(self, text: str) -> list[list[int]]:
        first = self._tokenizer.encode(text)
        return [each.ids for each in (first, *first.overflowing)]

    def _logits(self, rows: list[list[int]]) -> NDArray[np.float32]:
        width = max(map(len, rows))
        ids = torch.tensor([row + [self._pad] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        with torch.inference_mode():
            found: NDArray[np.float32] = self._network(input_ids=ids, attention_mask=mask).logits.numpy()
        return found


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of rows of like length, the longest first: little is spent on padding, and what memory it takes is known
    from the first batch on.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        size = max(1, BATCH_TOKENS // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def load(folder: Path, model: Prepared) -> TorchNetwork:
    """The network and the tokenizer that were prepared in `folder`."""
    transformers.utils.logging.disable_progress_bar()
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    return TorchNetwork(network, Tokenizer.from_file(str(folder / prepared.TOKENIZER)), model)
