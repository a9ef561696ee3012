#!/bin/sh
# ONNX Runtime (onnxruntime 1.29 and 1.30, CPU): a model that it optimised and saved (ORT_ENABLE_BASIC) cannot be loaded any more once one more MatMul and Add of three axes is behind it, though onnx.checker passes it.
# MatMulAddFusion calls the shapes of the reshapes that it puts around a Gemm "gemm_input_shape" and "gemm_output_shape"; where the model has initializers of these names, from the first time, the second fusion ends in
# "AddInitializedOrtValue Attempt to replace the existing tensor". With those initializers under other names the same model loads. Ends with 0 as long as that is so.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q onnxruntime==1.30.0 onnx==1.23.1
cat >twice.py <<'PY'
import sys, numpy as np, onnx, onnxruntime as ort
from onnx import helper as h, numpy_helper as nh, TensorProto as T
ort.set_default_logger_severity(4)
zeros = lambda name, *dims: nh.from_array(np.zeros(dims, np.float32), name)
tensor = lambda name: h.make_tensor_value_info(name, T.FLOAT, [2, 3, 4])
graph = h.make_graph([h.make_node("MatMul", ["x", "w"], ["a"]), h.make_node("Add", ["a", "b"], ["y"])],
                     "g", [tensor("x")], [tensor("y")], [zeros("w", 4, 4), zeros("b", 4)])
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
options.optimized_model_filepath = "optimised.onnx"
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

def extended(suffix):
    model = onnx.load("optimised.onnx")
    g = model.graph
    for constant in g.initializer:
        if constant.name.startswith("gemm_"):
            for node in g.node:
                for i, name in enumerate(node.input):
                    if name == constant.name: node.input[i] += suffix
            constant.name += suffix
    g.node.extend([h.make_node("MatMul", ["y", "w2"], ["a2"]), h.make_node("Add", ["a2", "b2"], ["y2"])])
    g.initializer.extend([zeros("w2", 4, 4), zeros("b2", 4)])
    g.output[0].name = "y2"
    onnx.checker.check_model(model)
    try:
        ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return "loads"
    except Exception as e:
        return str(e).strip()[-100:]

as_saved, renamed = extended(""), extended("_kept")
print(ort.__version__, "as saved:", as_saved, "| renamed:", renamed)
sys.exit(0 if "Attempt to replace the existing tensor" in as_saved and renamed == "loads" else 1)
PY
v/bin/python twice.py
