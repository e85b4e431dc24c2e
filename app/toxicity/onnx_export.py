"""Writes a transformer as ONNX with int8 weights: a quarter of the size, and no torch to run it."""

import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

OPSET = 17


def export(network: Any, file: Path) -> None:
    """Write `network`, one of transformers' sequence classifiers, to `file`: input_ids and attention_mask (rows by
    tokens) to logits (rows by labels).
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.network(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    network.set_attn_implementation("eager")
    row = torch.full((2, 8), network.config.pad_token_id + 1)
    free = {0: "row", 1: "token"}
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every shape that it reads
        whole = Path(name) / "whole.onnx"
        torch.onnx.export(
            Logits().eval(),
            (row, torch.ones_like(row)),
            whole,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "logits": {0: "row"}},
            opset_version=OPSET,
            dynamo=False,
        )
        logging.disable(logging.WARNING)  # it recommends a step that is for images
        quantize_dynamic(
            whole, file, weight_type=QuantType.QInt8, per_channel=True, extra_options={"MatMulConstBOnly": True}
        )
        logging.disable(logging.NOTSET)
