"""Every scorer that can be had here, side by side: accuracy, cost and memory, each in a process of its own on one core.

Run from the repository's root: python -m benchmarks.scorer. Reads the validation file (BTL_DATA). With the extra
`detoxify` it measures what Detoxify costs, too: its architecture (BERT base) with weights at random, on which cost does
not depend; and Detoxify itself, with its accuracy, where `btl scorer prepare` has placed it.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# texts for the slow ones: cost does not need all
FEW = 60
WORDS = 60
Probabilities = Any
Score = Callable[[Sequence[str]], Probabilities]


def memory() -> float:
    """Megabytes of this process, its share of what it shares counted (PSS); Linux only."""
    return int(re.findall(r"^Pss:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)[0]) / 1024


def both_models() -> Score:
    from app.toxicity import builtin

    return builtin.load().probabilities


def fast_model() -> Score:
    from app.toxicity import builtin, network
    from app.toxicity.features import bags, plain
    from app.toxicity.normaliser import FOLDER, shipped

    weights, normaliser = network.load(FOLDER / builtin.WEIGHTS), shipped()
    return lambda texts: weights.calibrated(weights.logits(*bags([plain(normaliser(text)) for text in texts])))


def slow_model() -> Score:
    from app.toxicity import builtin
    from app.toxicity.encoder import Encoder
    from app.toxicity.features import plain
    from app.toxicity.normaliser import FOLDER, shipped

    encoder, normaliser = Encoder(FOLDER / builtin.MODEL, FOLDER / builtin.TOKENIZER, builtin.LONGEST_TOKENS), shipped()
    return lambda texts: encoder.logits([plain(normaliser(text)) for text in texts])


def detoxify() -> Score:
    import numpy as np

    from app.toxicity import ATTRIBUTES, Unavailable, Unloadable, find

    try:
        scorer = find("detoxify")
    except Unloadable as error:
        raise SystemExit(str(error)) from error

    def score(texts: Sequence[str]) -> Probabilities:
        answer = scorer.score(texts, 3600)
        if isinstance(answer, Unavailable):
            raise SystemExit(answer.reason)
        return np.array([[getattr(each, name) for name in ATTRIBUTES] for each in answer])

    return score


def bert_in_torch() -> Score:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForSequenceClassification

    from app.toxicity.builtin import TOKENIZER
    from app.toxicity.normaliser import FOLDER

    torch.set_num_threads(1)
    tokenizer, bert = Tokenizer.from_file(str(FOLDER / TOKENIZER)), BertForSequenceClassification(BertConfig()).eval()
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)

    def score(texts: Sequence[str]) -> Probabilities:
        with torch.no_grad():
            return [bert(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits for text in texts]

    return score


def bert_in_onnx() -> Score:
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import BertConfig, BertForSequenceClassification

    from app.toxicity.builtin import TOKENIZER
    from app.toxicity.encoder import Encoder
    from app.toxicity.normaliser import FOLDER

    bert = BertForSequenceClassification(BertConfig(attn_implementation="eager")).eval()
    with tempfile.TemporaryDirectory() as name:
        exact, model = Path(name, "exact.onnx"), Path(name, "model.onnx")
        example = torch.ones((1, 16), dtype=torch.long)
        torch.onnx.export(
            bert,
            (example, example),
            str(exact),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": {1: "tokens"}, "attention_mask": {1: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(exact, model, weight_type=QuantType.QInt8, per_channel=True)
        return Encoder(model, FOLDER / TOKENIZER, 512).logits


SCORERS: dict[str, Callable[[], Score]] = {
    "built in: both models": both_models,
    "  the fast one alone": fast_model,
    "  the slow one alone": slow_model,
    "Detoxify, prepared": detoxify,
    "its BERT, torch": bert_in_torch,
    "its BERT, ONNX int8": bert_in_onnx,
}
UNTRAINED = ("its BERT, torch", "its BERT, ONNX int8")


def measure(name: str) -> dict[str, float]:
    """What one scorer costs and is worth, in this process."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    bare, began = memory(), time.perf_counter()
    score = SCORERS[name]()
    score(["warm up"])
    found = {"load": time.perf_counter() - began, "memory": memory() - bare}

    from app.toxicity.metrics import auc
    from app.training import corpus

    folder = corpus.data_folder()
    if folder is None:
        raise SystemExit("no data: set BTL_DATA to a folder with toxicity/ in it")
    rows = corpus.read(folder / "toxicity", (corpus.VALIDATION,))
    cheap = name not in UNTRAINED
    texts = rows.texts if cheap else rows.texts[:FEW]
    began = time.perf_counter()
    scores = score(texts)
    found["rate"] = len(texts) / (time.perf_counter() - began)
    sixty = [" ".join(text.split()[:WORDS]) for text in rows.texts if len(text.split()) >= WORDS]
    found["sixty"], _ = _each(score, sixty[: 20 * FEW if cheap else FEW])
    found["median"], found["p99"] = _each(score, texts[:2000])
    if cheap:
        areas = [100 * auc(rows.labels[:, k] >= 0.5, scores[:, k]) for k in range(6)]
        found |= {"mean_area": sum(areas) / 6, "toxicity": areas[0]}
    return found


def _each(score: Score, texts: Sequence[str]) -> tuple[float, float]:
    """Milliseconds for one text: the middle and the 99th of a hundred."""
    taken = []
    for text in texts:
        began = time.perf_counter()
        score([text])
        taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def main() -> None:
    """Measure one by one, and print the table; what cannot be had here says why."""
    heads = (("mean AUC", 33), ("toxicity", 9), ("60 words", 10), ("p50", 8), ("p99", 8), ("a second", 10), ("load", 7))
    print("".join(f"{head:>{width}}" for head, width in heads) + f"{'PSS':>8}")
    for name in SCORERS:
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.scorer", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            print(f"{name:24}{run.stderr.strip().splitlines()[-1][:90]}")
            continue
        found = json.loads(run.stdout.splitlines()[-1])
        areas = [f"{found[key]:.2f}" if key in found else "-" for key in ("mean_area", "toxicity")]
        print(
            f"{name:24}{areas[0]:>9}{areas[1]:>9}{found['sixty']:>7.2f} ms{found['median']:>5.2f} ms"
            f"{found['p99']:>5.1f} ms{found['rate']:>10,.0f}{found['load']:>5.2f} s{found['memory']:>5.0f} MB"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        main()
