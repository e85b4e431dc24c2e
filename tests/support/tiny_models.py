"""Checkpoints as Detoxify publishes them, of its architectures and labels but with few and random weights."""

import hashlib
import shutil
import string
from pathlib import Path
from typing import Any, NamedTuple

WORDS = ("you", "are", "an", "idiot", "a", "lovely", "morning", "the", "council", "is", "of", "thieves", "and", "good")
JIGSAW_2018 = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
JIGSAW_2019 = ("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit")
# what nine more outputs of the later models say: which people a text names
IDENTITIES = 9
TOKENS = 64

# model: transformers' name of its architecture, what the hub calls its beginnings, its labels, its outputs
PUBLISHED: dict[str, tuple[str, str, tuple[str, ...], int]] = {
    "original": ("Bert", "bert-base-uncased", JIGSAW_2018, 6),
    "unbiased": ("Roberta", "roberta-base", JIGSAW_2019, 7 + IDENTITIES),
    "multilingual": ("XLMRoberta", "xlm-roberta-base", JIGSAW_2019, 7 + IDENTITIES),
    "original-small": ("Albert", "albert-base-v2", JIGSAW_2018, 6),
    "unbiased-small": ("Albert", "albert-base-v2", JIGSAW_2019, 7 + IDENTITIES),
}


class Tiny(NamedTuple):
    """The file, its SHA-256, and the folder with its configuration and tokenizer."""

    checkpoint: Path
    sha256: str
    config: Path


def make(folder: Path, model: str = "original", labels: tuple[str, ...] | None = None) -> Tiny:
    """A checkpoint like `model`, with other `labels` where given."""
    import torch
    import transformers

    family, beginnings, published, outputs = PUBLISHED[model]
    labels = labels or published
    config = folder / "config"
    tokenizer = _tokenizer(family)
    tokenizer.save_pretrained(config)
    torch.manual_seed(20)
    network = getattr(transformers, f"{family}ForSequenceClassification")(_config(family, tokenizer, outputs))
    network.config.num_labels = 2  # as in the configuration that the hub has
    network.config.save_pretrained(config)
    arch = {
        "num_classes": outputs,
        "model_type": beginnings,
        "model_name": type(network).__name__,
        "tokenizer_name": f"{family}Tokenizer",
    }
    contents = {
        "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": list(labels)}}},
        "state_dict": network.state_dict(),
    }
    checkpoint = folder / "tiny.ckpt"
    torch.save(contents, checkpoint)
    return Tiny(checkpoint, hashlib.sha256(checkpoint.read_bytes()).hexdigest(), config)


def library(tiny: Tiny, folder: Path) -> Any:
    """What the library itself makes of the checkpoint. It would ask the hub for `model_type`, and it believes the
    number of outputs in the configuration: so both are set right in a copy within `folder`.
    """
    import torch
    import transformers
    from detoxify import Detoxify

    contents = torch.load(tiny.checkpoint, weights_only=True)
    arch = contents["config"]["arch"]["args"]
    config = shutil.copytree(tiny.config, folder / "whole")
    transformers.AutoConfig.from_pretrained(config, num_labels=arch["num_classes"]).save_pretrained(config)
    arch["model_type"] = str(config)
    torch.save(contents, folder / "whole.ckpt")
    return Detoxify(checkpoint=folder / "whole.ckpt", huggingface_config_path=str(config))


def _config(family: str, tokenizer: Any, outputs: int) -> Any:
    import transformers

    made = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer),
        hidden_size=32,
        embedding_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=TOKENS + 2 if "Roberta" in family else TOKENS,
        type_vocab_size=1 if "Roberta" in family else 2,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.2,
    )
    made.num_labels = outputs
    return made


def _tokenizer(family: str) -> Any:
    import transformers

    kind = getattr(transformers, f"{family}Tokenizer")
    letters = string.ascii_lowercase + ".,!?'"
    if family == "Bert":
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *(f"##{a}" for a in letters)]
        return kind(vocab={piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, model_max_length=TOKENS)
    if family == "Roberta":
        pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *letters, *string.ascii_uppercase, "Ġ"]
        return kind(vocab={piece: i for i, piece in enumerate(pieces)}, merges=[], model_max_length=TOKENS)
    albert = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    special = albert if family == "Albert" else ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = [*special, "▁", *(f"▁{word}" for word in WORDS), *letters]
    return kind(vocab=[(piece, -float(i)) for i, piece in enumerate(pieces)], model_max_length=TOKENS)
