"""The command line for making the built-in scorer: `btl train`."""

from pathlib import Path

import click

from app.cli import loading
from app.cli.mistakes import Mistake
from app.cli.progress import Progress
from config.settings import POLICY


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data sets (default: as BTL_DATA says).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the weights go (default: into the package).")
@click.option(
    "--own",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of one's own, such as Kaggle's train.csv; may be given several times.",
)
@click.option(
    "--checkpoints",
    default=Path("var/training"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where a run that is broken off goes on from. Empty it to begin afresh.",
)
def train(data: Path | None, out: Path | None, own: tuple[Path, ...], checkpoints: Path) -> None:
    """Train the built-in scorer from the public data sets, and print how good it is.

    One to two hours on two cores. Needs the extra `train` (docs/scorer.md).
    """
    from app.toxicity.normaliser import FOLDER
    from app.training import corpus, training

    folder = data or corpus.data_folder()
    if folder is None:
        raise Mistake("no data: give --data, or set BTL_DATA")
    thresholds = loading.house(POLICY).at({}).thresholds

    try:
        with Progress() as progress:
            evaluation = training.train(folder, out or FOLDER, checkpoints, progress.tell, thresholds, own)
    except ModuleNotFoundError as error:
        raise Mistake(f"{error.name} is not installed: the extra `train` has it (docs/scorer.md)") from error
    except ValueError as error:
        raise Mistake(str(error)) from error
    click.echo(f"Six-label mean AUC × 100 on the validation file: {evaluation.mean:.2f}")
    for name, area in {**evaluation.by_attribute, **evaluation.by_disguise}.items():
        click.echo(f"  {name:<18}{area:6.2f}")
