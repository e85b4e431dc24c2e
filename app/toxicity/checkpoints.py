"""Makes a model of Detoxify's ready: fetched, verified, opened by the library, placed as plain data.

A checkpoint is a pickle, and a pickle can do anything. So two things must hold before one is used: its SHA-256 is
known, and torch reads it with the restricted unpickler, which knows tensors and plain values only. The library's own
loader does neither of both, nor does it work offline (it asks the hub for a configuration by its public name, whatever
folder it is given); its `get_model_and_tokenizer` does all of the rest.
"""

import hashlib
import re
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.toxicity import prepared
from app.toxicity.detoxify import columns
from app.toxicity.missing import Unloadable
from app.toxicity.prepared import Prepared

# How the SHA-256 of each published checkpoint begins: its file name carries eight digits; of the first, all is known.
PINS = {
    "original": "c1212f89ac23307ab33932ce29dc446a6e030fb3f384a500890bbe662b7b544a",
    "unbiased": "c7548aa0",
    "multilingual": "0b549669",
    "original-small": "0e1d6498",
    "unbiased-small": "c8519128",
}
# The first models name some labels otherwise.
RENAMED = {"toxic": "toxicity", "severe_toxic": "severe_toxicity", "identity_hate": "identity_attack"}
_LONGEST_TOKENS = 512
_PIECE_BYTES = 1 << 20

# of what is fetched: bytes so far, bytes in all
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Source:
    """What a model is made of.

    Its `checkpoint` on this machine, else it is fetched from where the library publishes it; `sha256` (64 hexadecimal
    digits) vouches for one that is not one of PINS. The folder `config` with its configuration and tokenizer, else they
    come from the hub.
    """

    checkpoint: Path | None = None
    sha256: str | None = None
    config: Path | None = None


def prepare(model: str, source: Source, folder: Path, progress: Progress, *, onnx: bool = False) -> Prepared:
    """Put `model` into `folder`, whole or not at all; as ONNX int8, or as torch reads it. Raises Unloadable, which says
    what went wrong.
    """
    if source.sha256 and not re.fullmatch("[0-9a-fA-F]{64}", source.sha256):
        raise Unloadable("a SHA-256 has 64 hexadecimal digits")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".prepare-", dir=folder.parent) as name:
        place = Path(name)
        file = source.checkpoint or _fetch(model, place / "checkpoint", progress)
        loaded, digest = _open(file, source.sha256 or PINS.get(model))
        done = _convert(model, loaded, digest, source.config, place / "made", onnx=onnx)
        if folder.exists():
            folder.rename(place / "before")
        (place / "made").rename(folder)
    return done


def _fetch(model: str, file: Path, progress: Progress) -> Path:
    from detoxify.detoxify import MODEL_URLS

    if model not in MODEL_URLS:
        raise Unloadable(f"no model is published as {model!r}: give its --checkpoint")
    url: str = MODEL_URLS[model]
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, file.open("wb") as out:  # noqa: S310 (the library's)
            total, done = int(answer.headers.get("Content-Length", 0)), 0
            while piece := answer.read(_PIECE_BYTES):
                done += out.write(piece)
                progress(done, total)
    except OSError as error:
        raise Unloadable(
            f"{url} cannot be fetched ({error}): fetch it elsewhere and give it as --checkpoint"
        ) from error
    return file


def _open(file: Path, known: str | None) -> tuple[dict[str, Any], str]:
    """The checkpoint and its SHA-256. What is hashed is what is read: one open file."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if known is None:
            raise Unloadable(f"nobody vouches for {file}: compare its SHA-256 with its maker's and give it as --sha256")
        if not digest.startswith(known.lower()):
            raise Unloadable(f"{file} is not the file it should be: its SHA-256 is {digest}, not {known}")
        stream.seek(0)
        import torch

        try:
            return torch.load(stream, map_location="cpu", weights_only=True), digest
        except Exception as error:  # whatever the loader of a foreign file throws
            raise Unloadable(f"{file} is no checkpoint of weights and plain values alone") from error


def _convert(
    model: str, loaded: dict[str, Any], digest: str, config: Path | None, made: Path, *, onnx: bool
) -> Prepared:
    """Write all that the scorer needs to the folder `made`."""
    network, tokenizer, labels = _built(loaded, config)
    columns(labels)
    _require_all_weights(network, loaded["state_dict"])
    made.mkdir(mode=0o755)
    done = Prepared(model, digest, labels, _window(network.config, tokenizer), network.config.pad_token_id)
    done.write(made)
    tokenizer.save_pretrained(made)
    if onnx:
        from app.toxicity import onnx_export

        onnx_export.export(network, made / prepared.ONNX)
    else:
        network.save_pretrained(made)
    for file in made.iterdir():  # who serves is seldom who prepares
        file.chmod(0o644)
    return done


def _built(loaded: dict[str, Any], config: Path | None) -> tuple[Any, Any, tuple[str, ...]]:
    """The network, its tokenizer and its labels, as the library builds them."""
    import transformers
    from detoxify.detoxify import get_model_and_tokenizer

    transformers.utils.logging.disable_progress_bar()
    try:
        arch, weights = loaded["config"]["arch"]["args"], loaded["state_dict"]
        labels = tuple(RENAMED.get(name, name) for name in loaded["config"]["dataset"]["args"]["classes"])
        source = str(config or arch["model_type"])
        return *get_model_and_tokenizer(
            source, arch["model_name"], arch["tokenizer_name"], arch["num_classes"], weights
        ), labels
    except (KeyError, TypeError, AttributeError) as error:
        raise Unloadable(f"the checkpoint is none of Detoxify's: {type(error).__name__} {error}") from error
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise Unloadable(f"no configuration or tokenizer ({reason}): give their folder as --config") from error


def _require_all_weights(network: Any, weights: dict[str, Any]) -> None:
    """Where a weight is missing or of another shape, transformers would draw it at random and say so in passing."""
    import torch

    made = network.state_dict()
    lost = [name for name in made if name not in weights or not torch.equal(made[name], weights[name])]
    if lost:
        raise Unloadable(f"the checkpoint does not fit its configuration: {len(lost)} weights, {lost[0]} among them")


def _window(config: Any, tokenizer: Any) -> int:
    """The most tokens of one row. Roberta's positions begin after that of the padding."""
    before = config.pad_token_id + 1 if "roberta" in config.model_type else 0
    return int(min(_LONGEST_TOKENS, tokenizer.model_max_length, config.max_position_embeddings - before))
