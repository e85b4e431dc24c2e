"""The evaluation as plots, PNG and SVG, a panel for each attribute. Needs the extra `plots` (matplotlib)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.thresholds.evaluation import ThresholdEvaluation
from app.thresholds.measures import Attribute

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("png", "svg")
NOT_INSTALLED = "no plots: they need matplotlib, which comes with the extra plots (pip install 'below-the-line[plots]')"
LINE, OTHER, BAND, MARK = "#1f4e79", "#b3541e", "#c6d7e8", "#777777"


def draw(evaluation: ThresholdEvaluation, folder: Path) -> list[Path]:
    """Write precision, calibration and workload into `folder`; the files. Raises ImportError without matplotlib."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    written = []
    # the same evaluation is the same file, wherever and whenever it is drawn
    with mpl.rc_context({"svg.hashsalt": "btl", "svg.fonttype": "none", "font.size": 8}):
        for name, panel in PANELS.items():
            figure = Figure(figsize=(10, 6), layout="constrained")
            for axes, attribute in zip(figure.subplots(2, 3).flat, evaluation.attributes, strict=True):
                axes.set_title(attribute.name)
                panel(axes, attribute, evaluation)
            handles, labels = figure.axes[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
            dates = f"{evaluation.since:%d %B} to {evaluation.until:%d %B %Y}"
            figure.suptitle(f"{evaluation.site}, {dates}, {evaluation.scorer}")
            for kind in KINDS:
                path = folder / f"{name}.{kind}"
                figure.savefig(path, dpi=150, metadata={"Date": None} if kind == "svg" else {"Software": None})
                written.append(path)
    return written


def _precision(axes: "Axes", attribute: Attribute, evaluation: ThresholdEvaluation) -> None:
    """The removed share of what a threshold holds, how sure that is, and the share of all removed that it holds."""
    decided = [point for point in attribute.points if point.decided]
    at = [point.threshold for point in decided]
    axes.fill_between(at, [p.low for p in decided], [p.high for p in decided], color=BAND, label="95 % interval")
    axes.plot(at, [p.removed / p.decided for p in decided], color=LINE, label="precision")
    recalled = [(p.threshold, p.recall) for p in attribute.points if p.recall is not None]
    axes.plot([at for at, _ in recalled], [share for _, share in recalled], color=OTHER, ls="--", label="recall")
    _finish(axes, attribute, evaluation, "of decided texts", 1.05)


def _workload(axes: "Axes", attribute: Attribute, evaluation: ThresholdEvaluation) -> None:
    """Comments a day that a threshold alone would hold."""
    points = attribute.points
    axes.plot([p.threshold for p in points], [p.per_day for p in points], color=LINE, label="held a day")
    _finish(axes, attribute, evaluation, "comments a day", None)


def _calibration(axes: "Axes", attribute: Attribute, evaluation: ThresholdEvaluation) -> None:
    """The removed share of texts with about the same score; on the diagonal the score means what it says."""
    del evaluation
    axes.plot([0, 1], [0, 1], color=MARK, linewidth=0.8, label="as it should be")
    bins = attribute.bins
    label = "removed, and of how many texts"
    axes.plot([b.score for b in bins], [b.removed for b in bins], color=LINE, marker="o", label=label)
    for each in bins:
        axes.annotate(f"{each.texts:,}", (each.score, each.removed), textcoords="offset points", xytext=(4, -9))
    axes.set(xlim=(0, 1), ylim=(-0.05, 1.05), xlabel="mean score", ylabel="removed share of decided texts")


def _finish(axes: "Axes", attribute: Attribute, evaluation: ThresholdEvaluation, label: str, top: float | None) -> None:
    axes.axvline(evaluation.in_force[attribute.name].hold, color=MARK, linestyle=":", label="hold in force")
    chosen = evaluation.proposal.thresholds.get(attribute.name)
    if chosen:
        axes.axvline(chosen.hold, color=OTHER, linestyle=":", label="hold proposed")
    axes.set(xlim=(0, 1), ylim=(0, top), xlabel="threshold", ylabel=label)


PANELS: dict[str, Callable[["Axes", Attribute, ThresholdEvaluation], None]] = {
    "precision": _precision,
    "calibration": _calibration,
    "workload": _workload,
}
