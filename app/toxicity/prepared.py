"""What `btl scorer prepare` leaves in a folder for the scorer: a description, a tokenizer and either weights."""

from pathlib import Path

import msgspec

from app.toxicity.missing import Unloadable

DESCRIPTION = "prepared.json"
TOKENIZER = "tokenizer.json"
WEIGHTS = "model.safetensors"
ONNX = "model.int8.onnx"


class Prepared(msgspec.Struct, frozen=True):
    """A model as it was prepared.

    `checkpoint` is the SHA-256 of the file it came from, `labels` names the network's first outputs in their order,
    `window` is the most tokens it takes at once, `pad` the token that fills shorter rows.
    """

    model: str
    checkpoint: str
    labels: tuple[str, ...]
    window: int
    pad: int

    def write(self, folder: Path) -> None:
        (folder / DESCRIPTION).write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2))


def read(folder: Path) -> Prepared:
    """The description in `folder`; Unloadable when nothing was prepared there, or only half of it is left."""
    help_ = f"run btl scorer prepare --model {folder.name}"
    try:
        prepared = msgspec.json.decode((folder / DESCRIPTION).read_bytes(), type=Prepared)
    except (OSError, msgspec.DecodeError) as error:
        raise Unloadable(f"{folder} holds no prepared model: {help_}") from error
    if not (folder / TOKENIZER).is_file() or not any((folder / name).is_file() for name in (ONNX, WEIGHTS)):
        raise Unloadable(f"{folder} has lost its tokenizer or its weights: {help_}")
    return prepared
