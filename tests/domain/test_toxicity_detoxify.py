"""Detoxify's models, loaded as the library loads them, from small checkpoints that are made here."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import toxicity
from app.toxicity import checkpoints, detoxify, normaliser, prepared
from app.toxicity.checkpoints import Source
from app.toxicity.missing import Unloadable
from app.toxicity.scorer import ATTRIBUTES, Scores
from tests.support import tiny_models
from tests.support.loopback import serving
from tests.support.repository import REPOSITORY
from tests.support.required import skip
from tests.support.tiny_models import PUBLISHED, Tiny

TEXTS = (
    "a lovely morning and a good council",
    "",
    "you are an idiot",
    "The council is of thieves, and you are a 1d10t!",
    "idiot " * 8,
)


@pytest.fixture(autouse=True, scope="module")
def _library() -> None:
    for name in ("detoxify", "torch", "transformers", "onnx"):
        try:
            __import__(name)
        except ImportError as error:
            skip("detoxify", f"{error.name} is not installed")


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return tiny_models.make(tmp_path)


def prepare(tiny: Tiny, folder: Path, model: str = "original", **options: Any) -> detoxify.Detoxify:
    """The scorer, from a checkpoint that is vouched for."""
    given: dict[str, Any] = {"checkpoint": tiny.checkpoint, "sha256": tiny.sha256, "config": tiny.config} | options
    onnx = given.pop("onnx", False)
    checkpoints.prepare(model, Source(**given), folder, lambda done, total: None, onnx=onnx)
    return detoxify.load(folder)


def scores(scorer: detoxify.Detoxify, texts: Sequence[str] = TEXTS) -> list[Scores]:
    answer = scorer.score(texts, 60)
    assert isinstance(answer, list)
    return answer


def furthest(some: list[Scores], others: list[Scores]) -> float:
    """The largest difference between two answers about the same texts."""
    return max(
        abs(one.by_attribute()[name] - other.by_attribute()[name])
        for one, other in zip(some, others, strict=True)
        for name in ATTRIBUTES
    )


# the same numbers as the library's


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_model_says_what_the_library_says_of_the_undisguised_text(model: str, tmp_path: Path) -> None:
    tiny = tiny_models.make(tmp_path, model)
    said = tiny_models.library(tiny, tmp_path).predict([normaliser.shipped()(text) for text in TEXTS])
    expected = [Scores(*(said[name][n] for name in ATTRIBUTES)) for n in range(len(TEXTS))]
    scorer = prepare(tiny, tmp_path / model, model)
    assert furthest(scores(scorer), expected) < 1e-5
    assert len({score.insult for score in expected}) == len(TEXTS)  # the comparison could have failed
    assert scorer.version == f"{model}-{tiny.sha256[:8]}"
    assert ("fr" in scorer.languages) == (model == "multilingual")


def test_what_is_placed_has_the_very_weights_of_the_checkpoint(tiny: Tiny, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    prepare(tiny, tmp_path / "out")
    placed = load_file(tmp_path / "out" / prepared.WEIGHTS)
    weights = tiny_models.library(tiny, tmp_path).model.state_dict()
    assert placed.keys() == weights.keys()
    assert all(torch.equal(placed[name], weights[name]) for name in weights)


@pytest.mark.parametrize("model", PUBLISHED)
def test_each_attribute_is_read_from_the_output_of_its_own_label(model: str) -> None:
    labels = [checkpoints.RENAMED.get(label, label) for label in PUBLISHED[model][2]]
    assert [labels[column] for column in detoxify.columns(labels)] == list(ATTRIBUTES)


def test_a_model_that_lacks_a_label_is_refused_by_its_name(tmp_path: Path) -> None:
    labels = ("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "sexual_explicit")
    with pytest.raises(Unloadable, match="does not say threat"):
        prepare(tiny_models.make(tmp_path, "unbiased", labels), tmp_path / "out")


@pytest.mark.parametrize("model", PUBLISHED)
def test_int8_says_nearly_the_same_and_needs_no_torch(model: str, tmp_path: Path) -> None:
    tiny = tiny_models.make(tmp_path, model)
    whole = scores(prepare(tiny, tmp_path / "whole", model))
    small = prepare(tiny, tmp_path / "small", model, onnx=True)
    assert 0 < furthest(scores(small), whole) < 0.05
    assert small.version == f"{model}-{tiny.sha256[:8]}-int8"
    program = (
        "import sys; from pathlib import Path; from app.toxicity import detoxify\n"
        f"print(detoxify.load(Path({str(tmp_path / 'small')!r})).score(['you are an idiot'], 60)[0].insult)\n"
        "assert not {'torch', 'transformers', 'detoxify', 'onnx'} & sys.modules.keys()"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert float(run.stdout) == pytest.approx(scores(small, ["you are an idiot"])[0].insult, abs=1e-6)


# texts of any kind, in any number


def test_answers_are_in_the_order_of_the_texts_and_the_same_one_by_one(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.toxicity.torch_network.BATCH_TOKENS", 2 * tiny_models.TOKENS)  # several batches
    scorer = prepare(tiny, tmp_path / "out")
    texts = [f"{'good ' * (n * 7 % 30)} morning {n}" for n in range(40)]
    assert furthest(scores(scorer, texts), [scores(scorer, [text])[0] for text in texts]) < 1e-5
    assert scores(scorer, []) == []


def test_batches_hold_rows_of_like_length_and_every_row_once() -> None:
    from app.toxicity import torch_network

    lengths = [3, 512, 40, 512, 7, 41, 5000]
    found = list(torch_network.batches(lengths))
    assert sorted(i for batch in found for i in batch) == list(range(7))
    assert [[lengths[i] for i in batch] for batch in found] == [[5000], [512, 512, 41, 40, 7, 3]]


@pytest.mark.parametrize("onnx", [False, True], ids=["torch", "onnx"])
def test_an_insult_at_the_end_of_a_long_text_counts_as_much_as_alone(tiny: Tiny, tmp_path: Path, onnx: bool) -> None:
    scorer = prepare(tiny, tmp_path / "out", onnx=onnx)
    filling = "a good morning and the council is lovely. " * 500
    long, alone, dull = scores(scorer, [f"{filling}you are an idiot", "you are an idiot", filling])
    raised = [name for name in ATTRIBUTES if long.by_attribute()[name] > dull.by_attribute()[name] + 0.01]
    assert raised, (long, alone, dull)


def test_lone_surrogates_and_signs_of_every_kind_are_scored(tiny: Tiny, tmp_path: Path) -> None:
    odd = ["\ud800 you", "\x00", "🙂" * 300, "﷽", " \n\t ", "<b>you</b>"]
    assert len(scores(prepare(tiny, tmp_path / "out"), odd)) == len(odd)


# what is not known is not opened


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class _Bomb:
    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._trace,)


@pytest.mark.parametrize(("vouched", "says"), [(False, "is not the file it should be"), (True, "plain values alone")])
def test_a_pickle_that_acts_is_never_acted_on(tmp_path: Path, vouched: bool, says: str) -> None:
    import torch

    bomb, trace = tmp_path / "bomb.ckpt", tmp_path / "trace"
    torch.save({"config": _Bomb(trace), "state_dict": {}}, bomb)
    sha256 = _sha256(bomb) if vouched else None
    with pytest.raises(Unloadable, match=says):
        checkpoints.prepare("original", Source(bomb, sha256), tmp_path / "out", lambda done, total: None)
    assert not trace.exists()
    assert not (tmp_path / "out").exists()
    with bomb.open("rb") as file:
        torch.load(file, weights_only=False)
    assert trace.exists()  # the bomb was live


def test_a_checkpoint_that_nobody_vouches_for_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(Unloadable, match="nobody vouches"):
        prepare(tiny, tmp_path / "out", "ours", sha256=None)
    with pytest.raises(Unloadable, match="not the file it should be"):
        prepare(tiny, tmp_path / "out", "original", sha256=None)
    with pytest.raises(Unloadable, match="64 hexadecimal digits"):
        prepare(tiny, tmp_path / "out", "ours", sha256=tiny.sha256[:8])


def test_the_pins_are_those_of_the_files_that_the_library_names() -> None:
    from detoxify.detoxify import MODEL_URLS

    assert MODEL_URLS.keys() == checkpoints.PINS.keys() == PUBLISHED.keys()
    for model, url in MODEL_URLS.items():
        assert url.endswith(f"-{checkpoints.PINS[model][:8]}.ckpt")


def test_weights_that_are_missing_are_never_made_up(tiny: Tiny, tmp_path: Path) -> None:
    import torch

    contents = torch.load(tiny.checkpoint, weights_only=True)
    del contents["state_dict"]["classifier.weight"]
    torch.save(contents, tiny.checkpoint)
    with pytest.raises(Unloadable, match=r"classifier\.weight"):
        prepare(tiny, tmp_path / "out", sha256=_sha256(tiny.checkpoint))


# near and far


@pytest.mark.parametrize("onnx", [False, True], ids=["torch", "onnx"])
def test_neither_preparing_from_files_nor_loading_asks_the_network(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, onnx: bool
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert scores(prepare(tiny, tmp_path / "out", onnx=onnx))


def test_a_checkpoint_is_fetched_from_where_the_library_says(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = tiny.checkpoint.read_bytes(), tiny.checkpoint.read_bytes()[:-1]
    heard: list[tuple[int, int]] = []
    source = Source(config=tiny.config)
    with serving() as there:
        monkeypatch.setattr("detoxify.detoxify.MODEL_URLS", {"original": f"{there.url}/original.ckpt"})
        monkeypatch.setitem(checkpoints.PINS, "original", tiny.sha256[:8])
        for body, good in ((cut, False), (whole, True)):
            there.application = lambda environ, start, body=body: (
                start("200 OK", [("Content-Length", str(len(body)))]), [body]
            )[1]  # fmt: skip
            if good:
                checkpoints.prepare("original", source, tmp_path / "out", lambda *sizes: heard.append(sizes))
            else:
                with pytest.raises(Unloadable, match="not the file it should be"):
                    checkpoints.prepare("original", source, tmp_path / "out", lambda *_: None)
    assert heard[-1] == (len(whole), len(whole))
    assert len(scores(detoxify.load(tmp_path / "out"))) == len(TEXTS)
    monkeypatch.setattr("detoxify.detoxify.MODEL_URLS", {"original": f"{there.url}/gone.ckpt"})
    with pytest.raises(Unloadable, match="fetch it elsewhere and give it as --checkpoint"):
        checkpoints.prepare("original", source, tmp_path / "again", lambda *_: None)


@pytest.mark.parametrize("onnx", [False, True], ids=["torch", "onnx"])
def test_what_one_user_prepares_another_can_serve(tiny: Tiny, tmp_path: Path, onnx: bool) -> None:
    prepare(tiny, tmp_path / "out", onnx=onnx)
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in [tmp_path / "out", *(tmp_path / "out").iterdir()])


def test_what_is_prepared_anew_takes_the_place_of_what_was(tiny: Tiny, tmp_path: Path) -> None:
    whole = prepare(tiny, tmp_path / "out")
    small = prepare(tiny, tmp_path / "out", onnx=True)
    assert (small.version, sorted(os.listdir(tmp_path))) == (f"{whole.version}-int8", ["config", "out", "tiny.ckpt"])
    with pytest.raises(Unloadable):
        prepare(tiny, tmp_path / "out", sha256="0" * 64)
    assert detoxify.load(tmp_path / "out").version == small.version


@pytest.mark.parametrize("lost", [prepared.TOKENIZER, prepared.WEIGHTS, prepared.DESCRIPTION])
def test_a_folder_that_has_lost_a_file_says_how_to_get_it_back(tiny: Tiny, tmp_path: Path, lost: str) -> None:
    prepare(tiny, tmp_path / "original")
    (tmp_path / "original" / lost).unlink()
    with pytest.raises(Unloadable, match="run btl scorer prepare --model original"):
        toxicity.find("detoxify", tmp_path / "original")


def test_a_damaged_file_is_a_reason_and_no_crash(tiny: Tiny, tmp_path: Path) -> None:
    prepare(tiny, tmp_path / "out", onnx=True)
    (tmp_path / "out" / prepared.ONNX).write_bytes(b"no network")
    with pytest.raises(Unloadable, match="InvalidProtobuf"):
        toxicity.find("detoxify", tmp_path / "out")
    assert toxicity.load("detoxify", tmp_path / "out").score(["you"], 1) == toxicity.Unavailable("missing")


def test_nobody_who_does_not_score_with_torch_pays_for_it() -> None:
    program = (
        "import sys, app.toxicity, app.web.application, app.worker, app.cli.main\n"
        "app.toxicity.load('builtin').score(['you'], 9)\n"
        "print(*{'torch', 'transformers', 'detoxify', 'onnx'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"


# an operator's day


def test_btl_prepares_a_model_and_scores_with_it(tiny: Tiny, tmp_path: Path) -> None:
    environment = os.environ | {
        "BTL_ENVIRONMENT": "test",
        "BTL_VAR": str(tmp_path),
        "BTL_DETOXIFY_MODEL": "ours",
        "HF_HUB_OFFLINE": "1",
    }

    def btl(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "app.cli.main", *words]
        return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    files = ("--checkpoint", str(tiny.checkpoint), "--config", str(tiny.config), "--onnx")
    refused = btl("scorer", "prepare", *files)
    assert (refused.returncode, "nobody vouches" in refused.stderr) == (2, True)
    done = btl("scorer", "prepare", *files, "--sha256", tiny.sha256.upper())
    assert (done.returncode, tiny.sha256 in done.stdout) == (0, True), done.stderr
    lines = btl("score", "--scorer", "detoxify", "you are an idiot").stdout.splitlines()
    (expected,) = scores(detoxify.load(tmp_path / "scorers" / "ours"), ["you are an idiot"])
    assert json.loads(lines[0])["insult"] == pytest.approx(expected.insult, abs=1e-3)


# networks that fail where no Python can catch it


def _network(folder: Path, tiny: Tiny, nodes: Callable[[Any], list[Any]]) -> Path:
    """A prepared model whose ONNX network is of these nodes, from input_ids (INT64) to logits (FLOAT)."""
    import onnx
    from onnx import TensorProto, helper

    prepare(tiny, folder, onnx=True)
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["row", "token"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["row", 6])
    graph = helper.make_graph(nodes(helper), "failing", [ids], [logits])
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), folder / prepared.ONNX)
    return folder


def _endless(helper: Any) -> list[Any]:
    """A loop of some hours within one call of the native library."""
    from onnx import TensorProto

    def constant(name: str, kind: int, shape: list[int], values: list[Any]) -> Any:
        return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, kind, shape, values))

    def value(name: str, kind: int, shape: list[int]) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["sum"], ["same"])],
        "round",
        [value("n", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("sum", TensorProto.FLOAT, [1, 6])],
        [value("on", TensorProto.BOOL, []), value("same", TensorProto.FLOAT, [1, 6])],
    )
    return [
        constant("rounds", TensorProto.INT64, [], [1 << 40]),
        constant("begin", TensorProto.BOOL, [], [True]),
        constant("zero", TensorProto.FLOAT, [1, 6], [0.0] * 6),
        helper.make_node("Loop", ["rounds", "begin", "zero"], ["logits"], body=body),
    ]


def _out_of_bounds(helper: Any) -> list[Any]:
    """A lookup past the end of a table."""
    from onnx import TensorProto

    table = helper.make_tensor("table", TensorProto.FLOAT, [1, 6], [0.0] * 6)
    return [
        helper.make_node("Constant", [], ["table"], value=table),
        helper.make_node("Gather", ["table", "input_ids"], ["rows"], axis=0),
        helper.make_node("ReduceMax", ["rows"], ["logits"], axes=[1], keepdims=0),
    ]


@pytest.mark.parametrize(
    ("nodes", "reason"), [(_endless, "deadline"), (_out_of_bounds, "crashed:InvalidArgument")], ids=["hangs", "crashes"]
)
def test_a_network_that_fails_in_native_code_is_unavailable_in_time(
    tiny: Tiny, tmp_path: Path, nodes: Callable[[Any], list[Any]], reason: str
) -> None:
    folder = _network(tmp_path / "original", tiny, nodes)
    # in a process of its own, which dies with its thread still in the loop
    program = (
        "import os; from pathlib import Path; from app import toxicity\n"
        f"scorer = toxicity.load('detoxify', Path({str(folder)!r}))\n"
        "print(scorer.score(['you'], 0.3).reason, flush=True); os._exit(0)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == [reason]
