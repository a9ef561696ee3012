"""Makes the fixtures of detection, segmentation, depth, audio and video models below fixtures/.

usage: python deployments.py [NAME ...]

Architectures are those of transformers and timm, tiny and with random weights from a fixed seed; nothing is downloaded.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import onnxscript
import timm
import torch
import transformers as hf

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
VERSIONS = {
    "torch": torch.__version__,
    "timm": timm.__version__,
    "transformers": hf.__version__,
    "onnx": onnx.__version__,
    "onnxruntime": onnxruntime.__version__,
    "onnxscript": onnxscript.__version__,
}
ENCODER = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=42, attn_implementation="eager")


def randomise(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_scale = "norm" in name.lower() and name.endswith("weight") and p.ndim == 1
            p.copy_(torch.randn_like(p) * (0.1 if is_scale else 0.25) + (1.0 if is_scale else 0.0))
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(torch.randn_like(b) * 0.1)
            if name.endswith("running_var"):
                b.copy_(torch.rand_like(b) + 0.5)
    return model.eval()


class Outputs(torch.nn.Module):
    """Gives tensors, by name, of what a model returns."""

    def __init__(self, model, *names, **fixed):
        super().__init__()
        self.model, self.names, self.fixed = model, names, fixed

    def forward(self, x):
        out = self.model(x, **self.fixed)
        return tuple(getattr(out, name) for name in self.names)


def parts(model, heads):
    """Attentions and MLPs in the order of execution, found by how transformers names their last layers."""
    found, hooks = [], []

    def hook(name):
        return lambda module, inputs, output: found.append(name) if name not in found else None

    linear = {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)}
    for name, module in linear.items():
        if name.endswith(("o_proj", "out_proj", "fc2")) or name.endswith("output.dense"):
            hooks.append(module.register_forward_hook(hook(name)))
    with torch.no_grad():
        model(torch.zeros(model.shape))
    for h in hooks:
        h.remove()
    attentions, mlps = [], []
    for name in found:
        path, width = name.rsplit(".", 1)[0], linear[name].in_features
        if name.endswith("fc2"):
            mlps.append(dict(path=path, hidden=width, inputs=[f"{path}.fc1"], output=name, zeroing_equals_removal=True))
        elif name.endswith("output.dense") and "attention" not in name:
            block = path.rsplit(".", 1)[0]
            mlps.append(dict(path=block, hidden=width, inputs=[f"{block}.intermediate.dense"], output=name, zeroing_equals_removal=True))
        else:
            path = path.rsplit(".", 1)[0] + ".attention" if name.endswith("output.dense") else path
            qkv = [n for n in linear if n.startswith(path + ".") and n.rsplit(".", 1)[1] in ("q_proj", "k_proj", "v_proj", "query", "key", "value", "qkv")]
            count = heads(path) if callable(heads) else heads
            attentions.append(dict(path=path, heads=count, kv_heads=count, head_dim=width // count, qkv=qkv, output=name, zeroing_equals_removal=True))
    return attentions, mlps


def yolos():
    config = hf.YolosConfig(**ENCODER, image_size=[32, 32], patch_size=8, num_detection_tokens=5, use_mid_position_embeddings=False, num_labels=3)
    return Outputs(hf.YolosForObjectDetection(config), "logits", "pred_boxes"), (2, 3, 32, 32), "detection", 4


def detr():
    backbone = hf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1], layer_type="basic", out_features=["stage2"])
    config = hf.DetrConfig(use_timm_backbone=False, backbone_config=backbone, backbone=None, use_pretrained_backbone=False, d_model=24,
                           encoder_layers=1, decoder_layers=1, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=42,
                           decoder_ffn_dim=42, num_queries=5, num_labels=3, attn_implementation="eager")
    return Outputs(hf.DetrForObjectDetection(config), "logits", "pred_boxes"), (2, 3, 32, 32), "detection", 4


def segformer():
    config = hf.SegformerConfig(num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1], hidden_sizes=[16, 24], patch_sizes=[7, 3], strides=[4, 2],
                                num_attention_heads=[2, 3], mlp_ratios=[2, 2], decoder_hidden_size=20, num_labels=3, attn_implementation="eager")
    return Outputs(hf.SegformerForSemanticSegmentation(config), "logits"), (2, 3, 32, 32), "segmentation", lambda path: 2 if "stages.0" in path else 3


def depth_anything():
    backbone = hf.Dinov2Config(hidden_size=24, num_hidden_layers=2, num_attention_heads=4, mlp_ratio=2, image_size=28, patch_size=7,
                               out_indices=[1, 2], apply_layernorm=True, reshape_hidden_states=False, attn_implementation="eager")
    config = hf.DepthAnythingConfig(backbone_config=backbone, patch_size=7, reassemble_hidden_size=24, reassemble_factors=[2, 1], neck_hidden_sizes=[8, 8],
                                    fusion_hidden_size=8, head_hidden_size=8)
    return Outputs(hf.DepthAnythingForDepthEstimation(config), "predicted_depth"), (2, 3, 28, 28), "depth", 4


def ast():
    config = hf.ASTConfig(**ENCODER, patch_size=8, frequency_stride=6, time_stride=6, max_length=26, num_mel_bins=20, num_labels=5)
    return Outputs(hf.ASTForAudioClassification(config), "logits"), (2, 26, 20), "audio", 4


def whisper_encoder():
    config = hf.WhisperConfig(d_model=24, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=42, num_mel_bins=10, max_source_positions=16,
                              decoder_layers=1, decoder_attention_heads=4, decoder_ffn_dim=8, vocab_size=50, pad_token_id=0, attn_implementation="eager")
    model = hf.WhisperModel(config).encoder
    return Outputs(model, "last_hidden_state"), (2, 10, 32), "audio", 4


def videomae():
    config = hf.VideoMAEConfig(**ENCODER, image_size=16, patch_size=8, num_frames=4, tubelet_size=2, num_labels=5)
    return Outputs(hf.VideoMAEForVideoClassification(config), "logits"), (2, 4, 3, 16, 16), "video", 4


def vivit():
    config = hf.VivitConfig(**ENCODER, image_size=16, num_frames=4, tubelet_size=[2, 8, 8], num_labels=5)
    return Outputs(hf.VivitForVideoClassification(config), "logits"), (2, 4, 3, 16, 16), "video", 4


def timesformer():
    config = hf.TimesformerConfig(**{**ENCODER, "num_hidden_layers": 1}, image_size=16, patch_size=8, num_frames=3, num_labels=5)
    return Outputs(hf.TimesformerForVideoClassification(config), "logits"), (2, 3, 3, 16, 16), "video", 4


def proto(array, name):
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array), name).SerializeToString()


def run(path, feed, optimise=True):
    options = onnxruntime.SessionOptions()
    if not optimise:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip([i.name for i in session.get_inputs()], feed)))


def difference(a, b):
    return float(max(np.abs(x - y).max() for x, y in zip(a, b)))


def make(name):
    maker, dynamo, seed = MAKERS[name]
    model, shape, kind, heads = maker()
    randomise(model, seed)
    model.shape = shape
    attentions, mlps = parts(model, heads)
    folder = HERE / "fixtures" / name
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    x, file = torch.randn(shape), folder / "model.onnx"
    outputs = list(model.names)
    if dynamo:
        batch = ({0: torch.export.Dim("batch")},)
        torch.onnx.export(model, (x,), file, dynamo=True, opset_version=18, dynamic_shapes=batch, input_names=["x"], output_names=outputs,
                          external_data=False, verbose=False)
        x = torch.randn((3, *shape[1:]))
        stored = onnx.load(file)  # what the exporter tells about each node's source is most of the file
        for part in [*stored.graph.node, *stored.graph.value_info, *stored.graph.input, *stored.graph.output, *stored.graph.initializer, stored.graph, stored]:
            del part.metadata_props[:]
        for node in stored.graph.node:
            node.doc_string = ""
        del stored.graph.value_info[:]
        onnx.save(stored, file)
    else:
        torch.onnx.export(model, (x,), file, dynamo=False, opset_version=17, input_names=["x"], output_names=outputs)
    with torch.no_grad():
        dense = [o.numpy() for o in model(x)]
        generator, units = np.random.default_rng(seed), []
        for a in attentions:
            gone = sorted(generator.choice(a["heads"], max(1, a["heads"] // 2 - 1), replace=False).tolist())
            weight = model.get_submodule(a["output"]).weight
            for h in gone:
                weight[:, h * a["head_dim"]:(h + 1) * a["head_dim"]] = 0
            units.append(dict(kind="attention", path=a["path"], output=a["output"], head_dim=a["head_dim"], heads=gone, exact=True))
        for m in mlps:
            gone = sorted(generator.choice(m["hidden"], m["hidden"] // 3, replace=False).tolist())
            model.get_submodule(m["output"]).weight[:, gone] = 0
            units.append(dict(kind="mlp", path=m["path"], output=m["output"], columns=gone, exact=True))
        masked = [o.numpy() for o in model(x)]
    feed = [x.numpy()]
    (folder / "input_0.pb").write_bytes(proto(feed[0], "x"))
    for k, (whole, cut) in enumerate(zip(dense, masked)):
        (folder / f"output_{k}.pb").write_bytes(proto(whole, outputs[k]))
        (folder / f"masked_output_{k}.pb").write_bytes(proto(cut, outputs[k]))
    effect = float(np.abs(dense[0] - masked[0]).max())
    (folder / "mask.json").write_text(json.dumps(dict(units=units, effect=effect), separators=(",", ":")))
    stored = onnx.load(file)
    onnx.checker.check_model(stored, full_check=True)
    extents = lambda v: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
    meta = dict(
        name=name, family=kind, kind="direct", exporter=f"torch.onnx.export(dynamo={dynamo})", settings=dict(opset=18 if dynamo else 17), versions=VERSIONS,
        architecture=dict(model="transformers " + type(model.model).__name__, input=list(shape)), dim=24, depth=len(mlps), tokens="see architecture", classes=None,
        attention=attentions, mlp=mlps, heads=[a["heads"] for a in attentions], head_dim=[a["head_dim"] for a in attentions],
        mlp_hidden=[m["hidden"] for m in mlps], checker="ok (full)", output_source="pytorch", max_abs_err_ort_vs_pytorch=difference(run(file, feed), dense),
        max_abs_err_ort_unoptimised_vs_pytorch=difference(run(file, feed, False), dense), ir_version=stored.ir_version,
        opset={o.domain or "ai.onnx": o.version for o in stored.opset_import}, producer=f"{stored.producer_name} {stored.producer_version}",
        inputs={v.name: extents(v) for v in stored.graph.input}, outputs={v.name: extents(v) for v in stored.graph.output}, nodes=len(stored.graph.node),
        initializers=len(stored.graph.initializer), functions=[], bytes=file.stat().st_size, notes="")
    (folder / "meta.json").write_text(json.dumps(meta, separators=(",", ":")))
    print(name, file.stat().st_size, "bytes, effect", effect, "of", float(np.abs(dense[0]).max()), "error", meta["max_abs_err_ort_vs_pytorch"])


# Name: what makes it, whether torch.export does, seed.
MAKERS = dict(
    hf_yolos_detection=(yolos, False, 1),
    hf_detr_detection=(detr, True, 2),
    hf_segformer_segmentation=(segformer, True, 3),
    hf_depth_anything=(depth_anything, True, 6),
    hf_ast_audio=(ast, True, 7),
    hf_whisper_encoder=(whisper_encoder, False, 8),
    hf_videomae_video=(videomae, False, 9),
    hf_vivit_video=(vivit, True, 10),
    hf_timesformer_video=(timesformer, False, 11),
)

if __name__ == "__main__":
    for fixture in sys.argv[1:] or MAKERS:
        make(fixture)
