"""The command group `btl scorer`: what scores comments, made ready and looked at."""

from functools import partial
from pathlib import Path

import click

from app.cli import loading
from app.cli.mistakes import Mistake
from app.cli.progress import Progress


@click.group()
def scorer() -> None:
    """What scores comments: made ready, and measured by what moderators decide."""


@scorer.command()
@click.option("--model", help="One of Detoxify's, or a name for your own (default: as BTL_DETOXIFY_MODEL says).")
@click.option("--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Do not fetch it.")
@click.option("--sha256", help="What the SHA-256 of a checkpoint of your own must be.")
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of its config.json and tokenizer; without it they come from the hub.",
)
@click.option("--onnx", is_flag=True, help="As ONNX int8: a quarter of the size, faster, runs without torch.")
def prepare(model: str | None, checkpoint: Path | None, sha256: str | None, config: Path | None, onnx: bool) -> None:
    """Fetch, verify and place a model of Detoxify's for BTL_SCORER=detoxify.

    Servers and workers take it up when they next start.
    """
    from app.toxicity import checkpoints
    from app.toxicity.missing import Unloadable

    settings = loading.settings()
    name = model or settings.detoxify_model
    folder = settings.detoxify_folder / name
    source = checkpoints.Source(checkpoint, sha256, config)

    try:
        with Progress() as progress:
            done = checkpoints.prepare(name, source, folder, partial(progress.tell, name), onnx=onnx)
    except ImportError as error:
        raise Mistake(f"{error.name} is not installed: install the extra detoxify (docs/scorer.md)") from error
    except Unloadable as error:
        raise Mistake(str(error)) from error
    click.echo(f"{folder}: {name}, from a checkpoint whose SHA-256 is {done.checkpoint}.")
