"""Makes the model here, two blocks of attention and MLP over 5 tokens of 12 features, and samples of it.

Random weights. Tests give the axes of its inputs other names. Made with onnx 1.23.1; run in this folder.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS, HIDDEN, CLASSES = 12, 3, 16, 4
random = np.random.default_rng(0)
constants, nodes = [], []


def constant(name, value, type=np.float32):
    constants.append(numpy_helper.from_array(np.asarray(value, type), name))
    return name


def op(type, name, *inputs, **attributes):
    nodes.append(helper.make_node(type, inputs, [name], name=name, **attributes))
    return name


def linear(name, x, inputs, outputs):
    weight = constant(name + ".weight", 0.3 * random.standard_normal((inputs, outputs)))
    bias = constant(name + ".bias", 0.3 * random.standard_normal(outputs))
    return op("Add", name, op("MatMul", name + ".product", x, weight), bias)


def norm(name, x):
    one, zero = constant(name + ".weight", np.ones(WIDTH)), constant(name + ".bias", np.zeros(WIDTH))
    return op("LayerNormalization", name, x, one, zero, axis=-1)


split = constant("split", [0, 0, HEADS, WIDTH // HEADS], np.int64)
merge = constant("merge", [0, 0, WIDTH], np.int64)
scale = constant("scale", (WIDTH / HEADS) ** -0.5)
padding = op("Sub", "padding", constant("one", 1), "mask")
padding = op("Mul", "far", padding, constant("low", -1e4))
padding = op("Unsqueeze", "bias", padding, constant("axes", [1, 2], np.int64))
x = "x"
for block in ("0", "1"):
    heads = {}
    normed = norm(block + ".norm1", x)
    for part in ("q", "k", "v"):
        columns = linear(f"{block}.{part}", normed, WIDTH, WIDTH)
        columns = op("Reshape", f"{block}.{part}.split", columns, split)
        heads[part] = op("Transpose", f"{block}.{part}.heads", columns, perm=[0, 2, 3, 1] if part == "k" else [0, 2, 1, 3])
    scores = op("Mul", block + ".scaled", op("MatMul", block + ".scores", heads["q"], heads["k"]), scale)
    maps = op("Softmax", block + ".maps", op("Add", block + ".masked", scores, padding), axis=-1)
    seen = op("Transpose", block + ".seen", op("MatMul", block + ".mixed", maps, heads["v"]), perm=[0, 2, 1, 3])
    seen = linear(block + ".output", op("Reshape", block + ".merged", seen, merge), WIDTH, WIDTH)
    x = op("Add", block + ".stream1", x, seen)
    hidden = op("Relu", block + ".relu", linear(block + ".fc1", norm(block + ".norm2", x), WIDTH, HIDDEN))
    x = op("Add", block + ".stream2", x, linear(block + ".fc2", hidden, HIDDEN, WIDTH))
x = op("ReduceMean", "pooled", x, constant("tokens", [1], np.int64), keepdims=0)
linear("logits", x, WIDTH, CLASSES)

graph = helper.make_graph(
    nodes,
    "axis_names",
    [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["b", "s", WIDTH]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["b", "s"]),
    ],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", CLASSES])],
    constants,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, "model.onnx")
mask = np.ones((24, 5), np.float32)
mask[::2, 4] = 0
np.savez(
    "samples.npz",
    x=random.standard_normal((24, 5, WIDTH)).astype(np.float32),
    mask=mask,
    labels=random.integers(0, CLASSES, 24),
)
