"""What tools that come after pruning make of pruned models.

usage: python after_pruning.py GOHSP FIXTURES WORK [NAME ...]     (prints the rows of docs/AFTER_PRUNING.md)

Each fixture is cut to half of its heads, query-key columns, value columns and neurons, and then, by the tools of ONNX Runtime's Python package: fused (onnxruntime.transformers.optimizer),
quantised dynamically to 8 bits, quantised statically (QDQ), converted to 16-bit floats; and fused, then quantised. Errors are relative to the largest element of an output, against the pruned
model before the tool; in brackets what the same tool does to the unpruned model.
"""

import json
import logging
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static
from onnxruntime.transformers import float16, optimizer

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
MODEL_TYPES = dict(bert="bert", distilbert="bert", nn="bert", gpt2="gpt2", clip="clip", swin="swin", t5="t5", deit="vit", vit="vit", yolos="vit", videomae="vit", whisper="bart", detr="bart")


def model_type(name):
    return next((kind for word, kind in MODEL_TYPES.items() if word in name.replace("_", " ").split() or word in name), "bert")


def feed(fixture, path):
    names = [i.name for i in ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_inputs()]
    tensors = [onnx.numpy_helper.to_array(onnx.TensorProto.FromString((fixture / f"input_{k}.pb").read_bytes())) for k in range(len(names))]
    return dict(zip(names, tensors))


def run(path, inputs):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    kinds = {i.name: i.type for i in session.get_inputs()}
    casts = {"tensor(float16)": np.float16, "tensor(int32)": np.int32}
    return session.run(None, {k: v.astype(casts.get(kinds[k], v.dtype)) for k, v in inputs.items()})


def error(a, b):
    return max(float(np.abs(x.astype(np.float64) - y).max() / max(1e-12, np.abs(x).max())) for x, y in zip(a, b) if x.dtype.kind == "f")


class Once(CalibrationDataReader):
    def __init__(self, inputs):
        self.inputs = [inputs]

    def get_next(self):
        return self.inputs.pop() if self.inputs else None


def fused(source, target, kind, heads, width):
    model = optimizer.optimize_model(str(source), model_type=kind, num_heads=heads, hidden_size=width, opt_level=0)
    model.save_model_to_file(str(target))
    return sum(1 for node in model.model.graph.node if "Attention" in node.op_type)


def half(source, target):
    onnx.save(float16.convert_float_to_float16(onnx.load(source), keep_io_types=True), target)


def chain(source, inputs, work, kind, heads, width):
    """The errors of every tool; a string where one fails. Heads and width are what a user would say: those of the unpruned model."""
    before, row = run(source, inputs), {}
    float_unless_known = dict(DefaultTensorType=onnx.TensorProto.FLOAT)
    steps = dict(
        fused=lambda out: fused(source, out, kind, heads, width),
        int8=lambda out: quantize_dynamic(source, out),
        qdq=lambda out: quantize_static(source, out, Once(inputs), quant_format=QuantFormat.QDQ),
        fp16=lambda out: half(source, out),
        fused_int8=lambda out: quantize_dynamic(work / "fused.onnx", out, extra_options=float_unless_known),
        fused_fp16=lambda out: half(work / "fused.onnx", out),
    )
    for step, make in steps.items():
        out = work / f"{step}.onnx"
        try:
            attentions = make(out)
            row[step] = error(before, run(out, inputs))
            if step == "fused":
                row["attentions"] = attentions
        except Exception as failure:
            row[step] = type(failure).__name__
    return row


def cell(pruned, dense, key):
    text = lambda v: f"{v:.0e}" if isinstance(v, float) else str(v)
    return f"{text(pruned.get(key, '–'))} ({text(dense.get(key, '–'))})"


if __name__ == "__main__":
    gohsp, fixtures, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    for name in sys.argv[4:]:
        source, target = fixtures / name / "model.onnx", work / "pruned.onnx"
        target.unlink(missing_ok=True)
        shares = [part for kind in ("--heads", "--qk", "--v", "--neurons") for part in (kind, "50%")]
        done = subprocess.run([gohsp, "prune", source, "-o", target, "-q", *shares], capture_output=True, text=True)
        if done.returncode:
            print(f"| {name} | {done.stderr.strip()[:80]} |", flush=True)
            continue
        inputs, kind = feed(fixtures / name, source), model_type(name)
        meta = json.loads((fixtures / name / "meta.json").read_text())
        heads, width = (meta["heads"] or [2])[0], (meta["head_dim"] or [16])[0]
        dense, pruned = (chain(path, inputs, work, kind, heads, heads * width) for path in (source, target))
        columns = ["attentions", "fused", "int8", "qdq", "fp16", "fused_int8", "fused_fp16"]
        print("| " + " | ".join([name, kind] + [cell(pruned, dense, c) for c in columns]) + " |", flush=True)
