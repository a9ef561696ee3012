"""Makes the fixtures whose extents are what is hard: batch and heads on one axis, token counts that are expressions, heads numbered at run time, branches on
constants. Needs PyTorch, timm, transformers and onnxruntime in the versions that README.md lists.

usage: python make_shape_fixtures.py [NAME ...]   (from this folder; writes fixtures/NAME)
"""
import json
import math
import os
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).parent / "fixtures"
DIM, HEADS, HIDDEN = 24, 4, 42
HALF_OF_HEADS = [1, 2]
FIXTURES = {}


def fixture(name, **about):
    def keep(build):
        FIXTURES[name] = (build, about)
        return build

    return keep


def randomised(model):
    """No two parameters are equal, or exporters would store them once."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_scale = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(1 + 0.1 * noise if is_scale else 0.25 * noise)
        for name, buffer in model.named_buffers():
            if name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    return model.eval()


class Block(nn.Module):
    """Pre-norm block around an attention and an MLP of HIDDEN units."""

    def __init__(self, attention):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attn = attention
        self.fc1, self.fc2 = nn.Linear(DIM, HIDDEN), nn.Linear(HIDDEN, DIM)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.fc2(nn.functional.gelu(self.fc1(self.norm2(x))))


class Replica(nn.Module):
    def __init__(self, attention, features=10):
        super().__init__()
        self.embed = nn.Linear(features, DIM)
        self.blocks = nn.ModuleList(Block(attention()) for _ in range(2))
        self.head = nn.Linear(DIM, 5)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.flatten(1, -2).mean(1))


class BatchTimesHeads(nn.Module):
    """Queries, keys and values as [batch * heads, tokens, d], as BART, CLIP, Whisper and wav2vec 2.0 were written before 2024; the batch is read from the shape."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(DIM, DIM) for _ in range(4))

    def forward(self, x):
        batch, tokens, _ = x.size()
        shape = (batch * HEADS, -1, DIM // HEADS)

        def split(t):
            return t.view(batch, -1, HEADS, DIM // HEADS).transpose(1, 2).contiguous()

        q = split(self.q(x) * (DIM // HEADS) ** -0.5).view(*shape)
        k, v = split(self.k(x)).view(*shape), split(self.v(x)).view(*shape)
        a = torch.bmm(q, k.transpose(1, 2))
        a = a.view(batch, HEADS, tokens, k.size(1)).view(batch * HEADS, tokens, k.size(1)).softmax(-1)
        y = torch.bmm(a, v).view(batch, HEADS, tokens, DIM // HEADS).transpose(1, 2)
        return self.o(y.reshape(batch, tokens, DIM))


class SegmentAnything(nn.Module):
    """A packed projection, then [3, batch * heads, h * w, d] and relative positions of rows and columns added on [batch * heads, h, w, h, w]."""

    def __init__(self):
        super().__init__()
        self.qkv, self.o = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.rel_h = nn.Parameter(torch.zeros(3, 3, DIM // HEADS))
        self.rel_w = nn.Parameter(torch.zeros(3, 3, DIM // HEADS))

    def forward(self, x):
        batch, h, w, _ = x.shape
        qkv = self.qkv(x).reshape(batch, h * w, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.reshape(3, batch * HEADS, h * w, -1).unbind(0)
        a = (q * (DIM // HEADS) ** -0.5) @ k.transpose(-2, -1)
        r = q.reshape(batch * HEADS, h, w, -1)
        a = a.view(batch * HEADS, h, w, h, w)
        a = a + torch.einsum("bhwc,hkc->bhwk", r, self.rel_h)[:, :, :, :, None]
        a = a + torch.einsum("bhwc,wkc->bhwk", r, self.rel_w)[:, :, :, None, :]
        a = a.view(batch * HEADS, h * w, h * w).softmax(-1)
        y = (a @ v).view(batch, HEADS, h, w, -1).permute(0, 2, 3, 1, 4)
        return self.o(y.reshape(batch, h, w, -1))


class Alibi(nn.Module):
    """Distances times a slope for each head, numbered by torch.arange in the forward pass."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(DIM, DIM) for _ in range(4))

    def forward(self, x):
        batch, tokens, _ = x.shape
        q, k, v = (p(x).view(batch, tokens, HEADS, -1).transpose(1, 2) for p in (self.q, self.k, self.v))
        at = torch.arange(tokens, dtype=torch.float32)
        slopes = 2.0 ** (torch.arange(1, HEADS + 1).float() * -8.0 / HEADS)
        a = q @ k.transpose(-2, -1) * 0.4 - slopes[:, None, None] * (at[:, None] - at[None]).abs()
        return self.o((a.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, DIM))


class LightGlueLayer(nn.Module):
    """Queries, keys and values interleaved in one projection, rotary pairs beside each other, then attention between two sets with one product for both directions."""

    def __init__(self):
        super().__init__()
        self.qkv, self.o, self.qk, self.v, self.p = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM), nn.Linear(DIM, DIM), nn.Linear(DIM, DIM), nn.Linear(DIM, DIM)
        self.fc1, self.fc2 = nn.Linear(2 * DIM, HIDDEN), nn.Linear(HIDDEN, DIM)

    def alone(self, x, cos, sin):
        def turned(t):
            pairs = t.reshape(*t.shape[:-1], 3, 2)
            return t * cos + torch.stack((-pairs[..., 1], pairs[..., 0]), -1).flatten(-2) * sin

        q, k, v = self.qkv(x).reshape(-1, x.shape[1], HEADS, 6, 3).transpose(1, 2).split(1, -1)
        q, k, v = turned(q[..., 0]), turned(k[..., 0]), v[..., 0]
        y = (q @ k.transpose(-1, -2) * 0.4).softmax(-1) @ v
        return x + self.fc2(nn.functional.gelu(self.fc1(torch.cat([x, self.o(y.transpose(1, 2).flatten(-2))], -1))))

    def both(self, x, y):
        def split(t):
            return t.reshape(-1, t.shape[1], HEADS, 6).transpose(1, 2)

        scores = split(self.qk(x)) * 0.6 @ (split(self.qk(y)) * 0.6).transpose(-1, -2)
        to_x = scores.softmax(-1) @ split(self.v(y))
        to_y = scores.transpose(-1, -2).softmax(-1) @ split(self.v(x))
        return x + self.p(to_x.transpose(1, 2).flatten(-2)), y + self.p(to_y.transpose(1, 2).flatten(-2))


class LightGlue(nn.Module):
    """Two sets of points with descriptions, matched."""

    def __init__(self):
        super().__init__()
        self.angle = nn.Linear(2, 3, bias=False)
        self.layer = LightGlueLayer()

    def forward(self, x, y, at, to):
        sets = []
        for t, points in ((x, at), (y, to)):
            angles = self.angle(points)
            cos, sin = (f(angles)[:, None, :, :, None].expand(-1, 1, -1, 3, 2).flatten(-2) for f in (torch.cos, torch.sin))
            sets.append(self.layer.alone(t, cos, sin))
        x, y = self.layer.both(*sets)
        return x @ y.transpose(-1, -2)


def replica(attention, **settings):
    model = Replica(attention)
    units = [unit for i in range(2) for unit in block_units(f"blocks.{i}", settings.get("qkv", ["q", "k", "v"]))]
    return model, units


def block_units(path, qkv):
    return [attention_unit(f"{path}.attn", [f"{path}.attn.{p}" for p in qkv], f"{path}.attn.o"), mlp_unit(path, [f"{path}.fc1"], f"{path}.fc2")]


def attention_unit(path, qkv, output, heads=HEADS, head_dim=DIM // HEADS, free=True):
    return dict(path=path, heads=heads, kv_heads=heads, head_dim=head_dim, qkv=qkv, output=output, zeroing_equals_removal=free)


def mlp_unit(path, inputs, output, hidden=HIDDEN):
    return dict(path=path, hidden=hidden, inputs=inputs, output=output, zeroing_equals_removal=True)


TORCHSCRIPT = dict(exporter="torch.onnx.export(dynamo=False)", opset=17)
DYNAMO = dict(exporter="torch.onnx.export(dynamo=True)", opset=18)


@fixture("rep_batch_times_heads_dynbatch", doc=BatchTimesHeads.__doc__, free=[{0: "batch"}], traced=[(2, 16, 10)], run=[(3, 16, 10)], **TORCHSCRIPT)
def _():
    return replica(BatchTimesHeads)


@fixture("rep_sam_dynbatch", doc=SegmentAnything.__doc__, free=[{0: "batch"}], traced=[(2, 3, 3, 10)], run=[(3, 3, 3, 10)], **TORCHSCRIPT)
def _():
    return replica(SegmentAnything, qkv=["qkv"])


@fixture("rep_alibi_noopt", doc=Alibi.__doc__, free=[{}], traced=[(2, 16, 10)], run=[(2, 16, 10)], optimize=False, **DYNAMO)
def _():
    return replica(Alibi)


@fixture("timm_vit_dynsize_dynamo", doc="Any batch, height and width; the position embedding fits 32 x 32 only.", free=[{0: "batch", 2: "height", 3: "width"}], traced=[(2, 3, 32, 32)], run=[(3, 3, 32, 32)], **DYNAMO)
def _():
    import timm

    model = timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8, embed_dim=DIM, depth=2, num_heads=HEADS, mlp_ratio=HIDDEN / DIM, num_classes=5, dynamic_img_size=True)
    units = []
    for i in range(2):
        path = f"blocks.{i}"
        units.append(attention_unit(f"{path}.attn", [f"{path}.attn.qkv"], f"{path}.attn.proj"))
        units.append(mlp_unit(f"{path}.mlp", [f"{path}.mlp.fc1"], f"{path}.mlp.fc2"))
    return model, units


@fixture("rep_lightglue_dynbatch", doc=LightGlue.__doc__, free=[{0: "batch"}] * 4, traced=[(2, 7, 24), (2, 8, 24), (2, 7, 2), (2, 8, 2)], run=[(3, 7, 24), (3, 8, 24), (3, 7, 2), (3, 8, 2)], **TORCHSCRIPT)
def _():
    units = [attention_unit("layer.alone", ["layer.qkv"], "layer.o"), attention_unit("layer.both", ["layer.qk", "layer.qk", "layer.v"], "layer.p")]
    return LightGlue(), units + [mlp_unit("layer", ["layer.fc1"], "layer.fc2")]


@fixture("timm_swinv2_dynbatch", doc="Swin V2: queries and keys have a norm of their own, windows are shifted, an MLP (20 units instead of 512) makes the bias of positions.", free=[{0: "batch"}], traced=[(2, 3, 32, 32)], run=[(3, 3, 32, 32)], **TORCHSCRIPT)
def _():
    import timm

    model = timm.create_model("swinv2_tiny_window8_256", img_size=32, patch_size=4, embed_dim=DIM, depths=(2,), num_heads=(HEADS,), window_size=4, mlp_ratio=HIDDEN / DIM, num_classes=5)
    units = []
    for i, block in enumerate(model.layers[0].blocks):
        path = f"layers.0.blocks.{i}"
        block.attn.cpb_mlp = timm.layers.Mlp(2, 20, HEADS, act_layer=nn.ReLU, bias=(True, False))
        units.append(attention_unit(f"{path}.attn", [f"{path}.attn.qkv"], f"{path}.attn.proj"))
        units.append(mlp_unit(f"{path}.attn.cpb_mlp", [f"{path}.attn.cpb_mlp.fc1"], f"{path}.attn.cpb_mlp.fc2", hidden=20))
        units.append(mlp_unit(f"{path}.mlp", [f"{path}.mlp.fc1"], f"{path}.mlp.fc2"))
    return model, units


class First(nn.Module):
    """A model of transformers that returns its first output alone."""

    def __init__(self, model):
        super().__init__()
        self.m = model

    def forward(self, x):
        return self.m(x)[0]


AUDIO = dict(hidden_size=DIM, num_hidden_layers=2, num_attention_heads=HEADS, intermediate_size=HIDDEN, conv_dim=[16, 16, 16], conv_stride=[5, 2, 2],
             conv_kernel=[10, 3, 2], num_feat_extract_layers=3, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, vocab_size=20)


def audio(pre, free=True, **more):
    import transformers

    model = First(getattr(transformers, pre + "Model")(getattr(transformers, pre + "Config")(**AUDIO, **more)))
    units = []
    for i in range(2):
        path = f"m.encoder.layers.{i}"
        qkv = [f"{path}.attention.{p}_proj" for p in "qkv"]
        units.append(attention_unit(f"{path}.attention", qkv, f"{path}.attention.out_proj", free=free))
        units.append(mlp_unit(f"{path}.feed_forward", [f"{path}.feed_forward.intermediate_dense"], f"{path}.feed_forward.output_dense"))
    return model, units


@fixture("hf_hubert_dynamo", doc="HuBERT: the number of tokens is what three convolutions leave of the samples, written as an expression.", free=[{0: "batch", 1: "samples"}], traced=[(2, 800)], run=[(3, 960)], **DYNAMO)
def _():
    return audio("Hubert")


@fixture("hf_wavlm", doc="WavLM: the stream is cut into heads for the gate of the relative positions, so heads stay.", free=[{0: "batch", 1: "samples"}], traced=[(2, 800)], run=[(3, 960)], **TORCHSCRIPT)
def _():
    return audio("WavLM", free=False, num_buckets=8, max_bucket_distance=16)


@fixture("hf_dinov3", doc="DINOv3: branches on constants and a Range of halves compute the rotary tables.", free=[{0: "batch"}], traced=[(2, 3, 32, 32)], run=[(3, 3, 32, 32)], **TORCHSCRIPT)
def _():
    import transformers

    config = transformers.DINOv3ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=HEADS, intermediate_size=HIDDEN, image_size=32, patch_size=8, num_register_tokens=3)
    model = First(transformers.DINOv3ViTModel(config))
    units = []
    names = dict(model.named_modules())
    stem = "m.model.layer" if "m.model.layer" in names else "m.layer"
    for i in range(2):
        path = f"{stem}.{i}"
        qkv = [f"{path}.attention.{p}_proj" for p in "qkv"]
        units.append(attention_unit(f"{path}.attention", qkv, f"{path}.attention.o_proj", head_dim=8))
        units.append(mlp_unit(f"{path}.mlp", [f"{path}.mlp.up_proj"], f"{path}.mlp.down_proj"))
    return model, units


def masked(model, units):
    """Switches off heads 1 and 2 of every attention that allows it and every third hidden unit; returns what mask.json lists."""
    listed, modules = [], dict(model.named_modules())

    def zero(module, columns):
        def hook(_, arguments):
            x = arguments[0].clone()
            x[..., columns] = 0
            return (x,)

        modules[module].register_forward_pre_hook(hook)

    for unit in units:
        if "heads" in unit and unit["zeroing_equals_removal"]:
            d = unit["head_dim"]
            zero(unit["output"], [h * d + i for h in HALF_OF_HEADS for i in range(d)])
            listed.append(dict(kind="attention", path=unit["path"], output=unit["output"], head_dim=d, heads=HALF_OF_HEADS, exact=True))
        elif "hidden" in unit:
            columns = list(range(0, unit["hidden"], 3))
            zero(unit["output"], columns)
            listed.append(dict(kind="mlp", path=unit["path"], output=unit["output"], columns=columns, exact=True))
    return listed


def save(folder, name, array):
    (folder / name).write_bytes(numpy_helper.from_array(np.ascontiguousarray(array)).SerializeToString())


def export(model, about, path):
    arguments = tuple(torch.randn(shape, generator=torch.Generator().manual_seed(2)) for shape in about["traced"])
    names = [f"input_{i}" for i in range(len(arguments))]
    if about["exporter"] == TORCHSCRIPT["exporter"]:
        axes = dict(zip(names, about["free"]))
        torch.onnx.export(model, arguments, path, dynamo=False, opset_version=about["opset"], input_names=names, output_names=["output"], dynamic_axes=axes)
    else:
        free = tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for axes in about["free"])
        torch.onnx.export(model, arguments, path, dynamo=True, opset_version=about["opset"], input_names=names, output_names=["output"],
                          dynamic_shapes=free if any(about["free"]) else None, external_data=False, optimize=about.get("optimize", True))


def dims(values):
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}


def make(name):
    build, about = FIXTURES[name]
    torch.manual_seed(0)
    model, units = build()
    randomised(model)
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    path = str(folder / "model.onnx")
    with torch.no_grad():
        export(model, about, path)
        proto = onnx.load(path)
        for node in proto.graph.node:  # stack traces of whoever ran this
            del node.metadata_props[:]
        del proto.graph.metadata_props[:]
        onnx.save(proto, path)
        inputs = [torch.randn(shape, generator=torch.Generator().manual_seed(3)) for shape in about["run"]]
        whole = model(*inputs).numpy()
        listed = masked(model, units)
        cut = model(*inputs).numpy()
    for i, x in enumerate(inputs):
        save(folder, f"input_{i}.pb", x.numpy())
    save(folder, "output_0.pb", whole)
    save(folder, "masked_output_0.pb", cut)
    (folder / "mask.json").write_text(json.dumps(dict(units=listed, effect=float(np.abs(whole - cut).max())), separators=(",", ":")))
    feed = {f"input_{i}": x.numpy() for i, x in enumerate(inputs)}
    errors = []
    for level in ("ORT_ENABLE_ALL", "ORT_DISABLE_ALL"):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        options.intra_op_num_threads = 1
        errors.append(float(np.abs(onnxruntime.InferenceSession(path, options).run(None, feed)[0] - whole).max()))
    assert max(errors) < 1e-4 * max(1, np.abs(whole).max()), errors
    attention, mlp = [u for u in units if "heads" in u], [u for u in units if "hidden" in u]
    meta = dict(
        name=name, family={"rep": "replica", "timm": "timm", "hf": "transformers"}[name.split("_")[0]], kind="direct", exporter=about["exporter"],
        settings=dict(opset=about["opset"], dynamic=str(about["free"]), **({"optimize": "False"} if "optimize" in about else {})),
        versions=versions(), architecture=dict(doc=about["doc"], dim=DIM if attention[0]["head_dim"] == 6 else 32, depth=2), dim=DIM if attention[0]["head_dim"] == 6 else 32, depth=2, tokens=None, classes=None,
        attention=attention, mlp=mlp, heads=[u["heads"] for u in attention], head_dim=[u["head_dim"] for u in attention], mlp_hidden=[u["hidden"] for u in mlp],
        checker="ok (full)", output_source="pytorch", max_abs_err_ort_vs_pytorch=errors[0], max_abs_err_ort_unoptimised_vs_pytorch=errors[1],
        ir_version=proto.ir_version, opset={o.domain or "ai.onnx": o.version for o in proto.opset_import}, producer=f"{proto.producer_name} {proto.producer_version}",
        inputs=dims(proto.graph.input), outputs=dims(proto.graph.output), nodes=len(proto.graph.node), initializers=len(proto.graph.initializer),
        functions=[f.name for f in proto.functions], bytes=os.path.getsize(path), notes="made by testdata/make_shape_fixtures.py")
    onnx.checker.check_model(path, full_check=True)
    (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")
    print(name, errors, "effect", float(np.abs(whole - cut).max()), flush=True)


def versions():
    from importlib.metadata import version

    return {p: version(p) for p in ("torch", "timm", "transformers", "onnx", "onnxruntime", "onnxscript")}


if __name__ == "__main__":
    for wanted in sys.argv[1:] or FIXTURES:
        make(wanted)
