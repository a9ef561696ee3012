"""Reference gradients by PyTorch: run once with the original fixtures' folder, which has the param_map.

    python make_gradients.py FIXTURES

For each case, the architecture is built by timm or transformers, gets the weights of the ONNX file, is checked
against the fixture's outputs, and is differentiated by autograd in float64. CASE.onnx has no nodes; its
initializers are the loss, its targets, and one gradient for each ONNX parameter, in that parameter's layout.
"""

import json
import sys
from pathlib import Path

import numpy
import onnx
import timm.models.vision_transformer
import torch
import transformers
from onnx import helper, numpy_helper

FIXTURES = Path(sys.argv[1])


def tensor(path):
    proto = onnx.TensorProto()
    proto.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(proto)


def load(name, module, prefix):
    """Copies the weights; returns {onnx name: (parameter, transposed)}."""
    folder = FIXTURES / name
    weights = {i.name: numpy_helper.to_array(i) for i in onnx.load(folder / "model.onnx").graph.initializer}
    mapped = json.loads((folder / "meta.json").read_text())["param_map"]
    found = {}
    for key, parameter in module.named_parameters():
        onnx_name, how = mapped.get(key, [[prefix + key, "same"]])[0]
        weight = weights[onnx_name]
        transposed = how == "transposed"
        parameter.data = torch.tensor(weight.T if transposed else weight, dtype=torch.float64)
        found[onnx_name] = (parameter, transposed)
    return found


def save(name, found, loss, targets):
    loss.backward()
    arrays = {"loss": loss.detach().numpy().astype("float32")}
    arrays |= targets
    for onnx_name, (parameter, transposed) in found.items():
        gradient = parameter.grad.numpy().astype("float32")
        arrays["d " + onnx_name] = numpy.ascontiguousarray(gradient.T if transposed else gradient)
    tensors = [numpy_helper.from_array(numpy.asarray(array), key) for key, array in arrays.items()]
    graph = helper.make_graph([], name, [], [], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{name}.onnx")


def vit(name):
    module = timm.models.vision_transformer.VisionTransformer(
        img_size=16, patch_size=4, embed_dim=24, depth=2, num_heads=4, mlp_ratio=42 / 24, num_classes=10
    ).double().eval()
    found = load(name, module, "")
    logits = module(torch.tensor(tensor(FIXTURES / name / "input_0.pb"), dtype=torch.float64))
    assert numpy.allclose(logits.detach(), tensor(FIXTURES / name / "output_0.pb"), atol=1e-5)
    labels = numpy.array([3, 7])
    teacher = numpy.random.default_rng(1).normal(0, 2, (2, 10)).astype("float32")
    hard = torch.nn.functional.cross_entropy(logits, torch.tensor(labels), label_smoothing=0.1)
    soft = torch.nn.functional.kl_div(
        torch.log_softmax(logits / 2, -1),
        torch.log_softmax(torch.tensor(teacher, dtype=torch.float64) / 2, -1),
        reduction="batchmean",
        log_target=True,
    )
    save(name, found, hard + 0.5 * 4 * soft, {"labels": labels, "teacher_logits": teacher})


def bert(name):
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=42,
        max_position_embeddings=16, attn_implementation="eager",
    )
    module = transformers.BertModel(config).double().eval()
    found = load(name, module, "m.")
    ids, mask = (torch.tensor(tensor(FIXTURES / name / f"input_{i}.pb")) for i in range(2))
    result = module(input_ids=ids, attention_mask=mask)
    outputs = [result.last_hidden_state, result.pooler_output]
    loss, targets = 0, {}
    for i, output in enumerate(outputs):
        assert numpy.allclose(output.detach(), tensor(FIXTURES / name / f"output_{i}.pb"), atol=1e-5)
        target = numpy.random.default_rng(i).normal(0, 1, tuple(output.shape)).astype("float32")
        targets[f"target_{i}"] = target
        loss = loss + torch.nn.functional.mse_loss(output, torch.tensor(target, dtype=torch.float64))
    save(name, found, loss, targets)


vit("timm_vit_legacy_op17_unfused")
bert("hf_bert_eager_legacy")
