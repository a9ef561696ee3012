"""Attributes of every operator, by the newest schema: onnx 1.23.1 and ONNX Runtime 1.30.0 (com.microsoft)."""
import onnx
from onnxruntime.capi import onnxruntime_pybind11_state as ort

newest = {}
for schema in onnx.defs.get_all_schemas():  # the newest version of each
    if schema.domain == "":
        newest[schema.name] = sorted(schema.attributes)
for schema in ort.get_all_operator_schema():
    if schema.domain == "com.microsoft":
        newest["com.microsoft." + schema.name] = sorted(schema.attributes)
with open("attributes.txt", "w") as out:
    for name, attributes in sorted(newest.items()):
        out.write(" ".join([name, *attributes]) + "\n")
