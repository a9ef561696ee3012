"""What the standard Attention computes with masks and windows, by onnx's reference implementation.

Each model has its operands as initializers and returns `y` of Attention and `expected`. Made with onnx 1.23.1; run in
this folder. plain.onnx, window.onnx and data.npz are a classifier with and without windows, and labelled samples.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(0)
q = rng.normal(size=(2, 2, 4, 3)).astype(np.float32)
k = rng.normal(size=(2, 2, 5, 3)).astype(np.float32)
v = rng.normal(size=(2, 2, 5, 3)).astype(np.float32)
seen = rng.random((4, 5)) < 0.6
seen[2] = False  # a query without keys
bias = np.where(seen, rng.normal(size=(4, 5)), -np.inf).astype(np.float32)
lowest = np.where(seen, 0, np.finfo(np.float32).min).astype(np.float32)
per_sample = np.stack([seen, ~seen])[:, None]

CASES = {
    "bool_mask": (23, seen, {}),
    "mask_per_sample": (24, per_sample, {}),
    "infinite_bias": (23, bias, {}),
    "lowest_bias": (23, lowest, {}),
    "causal_and_mask": (24, seen, {"is_causal": 1}),
    "left_window": (25, None, {"left_window_size": 1}),
    "right_window": (25, None, {"right_window_size": 0}),
    "windows_and_mask": (25, seen, {"left_window_size": 1, "right_window_size": 1}),
    "softcap": (23, None, {"softcap": 0.7}),
}
for name, (opset, mask, attributes) in CASES.items():
    operands = {"q": q, "k": k, "v": v} | ({} if mask is None else {"m": mask})
    node = helper.make_node("Attention", list(operands), ["y"], **attributes)

    def model(nodes, outputs, constants):
        graph = helper.make_graph(
            nodes, "g", [], [helper.make_tensor_value_info(o, TensorProto.FLOAT, [2, 2, 4, 3]) for o in outputs],
            [numpy_helper.from_array(c, n) for n, c in constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=11)

    expected = ReferenceEvaluator(model([node], ["y"], operands)).run(None, {})[0]
    assert np.isfinite(expected).all()
    both = [node, helper.make_node("Identity", ["e"], ["expected"])]
    onnx.save(model(both, ["y", "expected"], operands | {"e": expected}), name + ".onnx")
