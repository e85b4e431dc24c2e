"""Detoxify's models as a scorer: the weights of unitary's Detoxify, run by torch, or as ONNX int8 by onnxruntime.

The library itself is met only while a model is prepared (app.toxicity.checkpoints). Its own loader asks the hub for
the configuration even of a local checkpoint, and unpickles; a server should do neither. What is prepared is plain data
on this machine, and gives the same numbers.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.toxicity import prepared
from app.toxicity.missing import Unloadable
from app.toxicity.network import sigmoid
from app.toxicity.normaliser import Normaliser, shipped
from app.toxicity.prepared import Prepared
from app.toxicity.scorer import ATTRIBUTES, Scores, Unavailable

ENGLISH = frozenset({"en"})
# what the model of this name was trained on, by its authors' word; all others read English
MULTILINGUAL = "multilingual"
MULTILINGUAL_READS = frozenset({"en", "es", "fr", "it", "pt", "ru", "tr"})
# of texts, piece by piece: which texts, and the logits of a window of each (windows by labels)
Network = Callable[[Sequence[str]], Iterator[tuple[list[int], NDArray[np.float32]]]]


class Detoxify:
    """`labels` names the outputs of `network` in their order. Raises Unloadable where they lack one of ours."""

    name = "detoxify"

    def __init__(
        self,
        version: str,
        labels: Sequence[str],
        network: Network,
        normaliser: Normaliser,
        languages: frozenset[str] = ENGLISH,
    ) -> None:
        self.version = version
        self.languages = languages
        self._columns = columns(labels)
        self._network = network
        self._normaliser = normaliser

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        """The maximum over each text's windows; Unavailable after the first piece of work that ends too late."""
        ends = time.monotonic() + deadline
        # the tokenizer takes no lone surrogates
        texts = [self._normaliser(text).encode("utf-8", "replace").decode() for text in texts]
        highest = np.full((len(texts), len(ATTRIBUTES)), -np.inf)
        for owners, logits in self._network(texts):
            np.maximum.at(highest, owners, logits[:, self._columns])
            if time.monotonic() > ends:
                return Unavailable("deadline")
        return [Scores(*row) for row in sigmoid(highest).tolist()]


def columns(labels: Sequence[str]) -> list[int]:
    """Where among a model's outputs each of our attributes is; Unloadable when one is missing, since a score that is
    never high would let its kind of abuse through unseen. What else a model tells (sexual_explicit, the identities a
    text names) is no attribute of ours and is left out.
    """
    missing = [name for name in ATTRIBUTES if name not in labels]
    if missing:
        raise Unloadable(f"the model does not say {', '.join(missing)}: it cannot take the scorer's place")
    return [labels.index(name) for name in ATTRIBUTES]


def load(folder: Path) -> Detoxify:
    """The model prepared in `folder`: int8 where it was exported, without torch; else in torch. Unloadable says what
    is missing and what helps.
    """
    model = prepared.read(folder)
    version = f"{model.model}-{model.checkpoint[:8]}"
    reads = MULTILINGUAL_READS if model.model == MULTILINGUAL else ENGLISH
    if (folder / prepared.ONNX).is_file():
        return Detoxify(f"{version}-int8", model.labels, _onnx(folder, model), shipped(), reads)
    try:
        from app.toxicity import torch_network

        return Detoxify(version, model.labels, torch_network.load(folder, model), shipped(), reads)
    except ImportError as error:
        raise Unloadable(f"{error.name} is not installed: install the extra detoxify, or prepare --onnx") from error


def _onnx(folder: Path, model: Prepared) -> Network:
    from app.toxicity.encoder import Encoder

    encoder = Encoder(folder / prepared.ONNX, folder / prepared.TOKENIZER, model.window)
    return lambda texts: (([i], encoder.logits([text])) for i, text in enumerate(texts))
