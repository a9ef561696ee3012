"""Whether pruned files in version 3 of the format pass onnx.checker and load in ONNX Runtime.

usage: python version_three.py GOHSP FIXTURES WORK NAME ...

Each fixture is written in version 3, where initializers are listed among the inputs, and pruned three ways.
"""

import pathlib
import subprocess
import sys

import onnx
import onnxruntime as ort

WAYS = (["--method", "somp", "--keep-params", "0.7"], ["--heads", "50%", "--qk", "50%", "--v", "50%", "--neurons", "50%"], ["--keep-params", "0.8"])

gohsp, fixtures, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
for name in sys.argv[4:]:
    model = onnx.load(fixtures / name / "model.onnx")
    listed = {value.name for value in model.graph.input}
    for constant in model.graph.initializer:
        if constant.name not in listed:
            model.graph.input.append(onnx.helper.make_tensor_value_info(constant.name, constant.data_type, list(constant.dims)))
    model.ir_version = 3
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, work / "three.onnx")
    for way in WAYS:
        subprocess.run([gohsp, "prune", work / "three.onnx", "-o", work / "pruned.onnx", "-q", *way], check=True)
        pruned = onnx.load(work / "pruned.onnx")
        onnx.checker.check_model(pruned, full_check=True)
        inputs = {value.name for value in pruned.graph.input}
        assert pruned.ir_version == 3 and all(constant.name in inputs for constant in pruned.graph.initializer)
        ort.InferenceSession(str(work / "pruned.onnx"), providers=["CPUExecutionProvider"])
        print(name, *way, "ok")
