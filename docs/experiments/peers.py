"""A ViT cut as two other tools document it, with nothing trained or corrected (docs/RESULTS.md, "Beside other tools").

usage: python peers.py vit_cifar10.onnx cifar10.zip [STEP]     (every STEP-th test image; all by default)

The tools themselves are not run: what they document is rebuilt here, on the weights of the ONNX file, in PyTorch.

Torch-Pruning, as its example for timm's ViTs calls it: one ratio for all groups, which are the stream, the columns of heads (the same of queries, keys and values, and of all heads) and the
neurons of each MLP. A channel's importance is the mean over the layers of its group of |w| (l1), w² (l2) or |w dL/dw| (taylor, 10 batches of 64 labelled training images), added up over the
layer's weights of it; class token and positions are cut along and do not count. Scores are scaled by the head's dense width, which is kinder than its example.

Beside them, no other tool's: channels of the stream alone, as the exporter has them, by a table of errors: how far the classes of 512 training images diverge when one alone is gone.

onnxsim's block pruning: attentions and MLPs are dropped one by one, those first whose stream behind is most like that before (cosine, mean over tokens of calibration images), and leave nothing.
"""

import io
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from PIL import Image

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
DEPTH, HEADS = 6, 8
torch.set_num_threads(1)


def images(archive, part, per_class=None):
    with zipfile.ZipFile(archive) as zipped:
        names = sorted(n for n in zipped.namelist() if n.endswith(".jpg") and f"{part}/" in n)
        classes = sorted({pathlib.PurePath(n).parent.name for n in names})
        chosen = [n for c in classes for n in [n for n in names if pathlib.PurePath(n).parent.name == c][:per_class]]
        pixels = np.stack([np.asarray(Image.open(io.BytesIO(zipped.read(n))).convert("RGB")) for n in chosen])
    labels = torch.tensor([classes.index(pathlib.PurePath(n).parent.name) for n in chosen])
    normal = (pixels / 255.0 - MEAN) / STD
    return torch.tensor(normal.transpose(0, 3, 1, 2), dtype=torch.float32), labels


def weights(path):
    """By timm's names; matrices as [outputs, inputs]."""
    model = onnx.load(path)
    constants = {i.name: torch.tensor(onnx.numpy_helper.to_array(i)) for i in model.graph.initializer}
    named = {name: value for name, value in constants.items() if not name.startswith("onnx::")}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in constants:
            named[node.name.strip("/").split("/", 1)[1].replace("/MatMul", "").replace("/", ".") + ".weight"] = constants[node.input[1]].T.contiguous()
    return named


def forward(w, x, dropped=(), behind=None):
    x = F.conv2d(x, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=4).flatten(2).transpose(1, 2)
    x = torch.cat([w["cls_token"].expand(len(x), -1, -1), x], 1) + w["pos_embed"]
    norm = lambda x, name: F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], 1e-6)
    linear = lambda x, name: F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def attention(x, block):
        q, k, v = linear(x, block + "attn.qkv").unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, scale=16**-0.5)
        return linear(y.transpose(1, 2).flatten(2), block + "attn.proj")

    for i in range(DEPTH):
        block = f"blocks.{i}."
        for kind in ("attn", "mlp"):
            if (i, kind) in dropped:
                continue
            before = x
            if kind == "attn":
                x = x + attention(norm(x, block + "norm1"), block)
            else:
                x = x + linear(F.gelu(linear(norm(x, block + "norm2"), block + "mlp.fc1")), block + "mlp.fc2")
            if behind is not None:
                behind[i, kind] = F.cosine_similarity(before, x, dim=-1).mean().item()
    return linear(norm(x, "norm")[:, 0], "head")


def group_axes(w):
    """By group, whose channels of a layer are cut: [(name, axis)]; what counts for importance is a matrix, a convolution or a norm's scale."""
    every = [f"blocks.{i}." for i in range(DEPTH)]
    stream = [("patch_embed.proj.weight", 0), ("patch_embed.proj.bias", 0), ("cls_token", 2), ("pos_embed", 2), ("head.weight", 1), ("norm.weight", 0), ("norm.bias", 0)]
    groups = {}
    for b in every:
        stream += [(b + n, 0) for n in ("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "attn.proj.weight", "attn.proj.bias", "mlp.fc2.weight", "mlp.fc2.bias")]
        stream += [(b + "attn.qkv.weight", 1), (b + "mlp.fc1.weight", 1)]
        groups[b + "columns"] = [(b + "attn.qkv.weight", 0), (b + "attn.qkv.bias", 0), (b + "attn.proj.weight", 1)]
        groups[b + "neurons"] = [(b + "mlp.fc1.weight", 0), (b + "mlp.fc1.bias", 0), (b + "mlp.fc2.weight", 1)]
    return {"stream": stream, **groups}


def importance(score, axes, columns):
    """Means over layers; the columns of heads alike in queries, keys, values and all heads."""
    sums = []
    for name, axis in axes:
        if name.endswith("weight"):
            s = score[name].transpose(0, axis).flatten(1).sum(1) if score[name].dim() > 1 else score[name]
            sums += list(s.unflatten(0, (3, -1))) if columns and "qkv" in name else [s]
    total = torch.stack(sums).sum(0) / len(axes)
    return total.unflatten(0, (HEADS, -1)).mean(0) if columns else total


def cut(w, score, ratio):
    w = dict(w)
    for group, axes in group_axes(w).items():
        columns = group.endswith("columns")
        worth = importance(score, axes, columns)
        kept = max(2, 2 * round(len(worth) * (1 - ratio) / 2))
        keep = worth.argsort(descending=True)[:kept].sort().values
        for name, axis in axes:
            at = keep
            if columns:
                copies = w[name].shape[axis] // len(worth)
                at = (torch.arange(copies)[:, None] * len(worth) + keep).flatten()
            w[name] = w[name].index_select(axis, at)
    return w


def narrowed(w, kept):
    w = dict(w)
    for name, axis in group_axes(w)["stream"]:
        w[name] = w[name].index_select(axis, kept)
    return w


@torch.no_grad()
def channel_errors(w, images):
    dense = torch.log_softmax(forward(w, images), 1)
    every = torch.arange(len(w["norm.weight"]))
    without = [torch.log_softmax(forward(narrowed(w, every[every != c]), images), 1) for c in every]
    return torch.stack([(dense.exp() * (dense - classes)).sum(1).mean() for classes in without])


def size(w, dropped=()):
    gone = {"attn": ("norm1", "attn"), "mlp": ("norm2", "mlp")}
    prefixes = tuple(f"blocks.{i}.{part}." for i, kind in dropped for part in gone[kind])
    return sum(v.numel() for n, v in w.items() if not (prefixes and n.startswith(prefixes)))


def scores(w, batches):
    with_gradients = {n: v.clone().requires_grad_(v.is_floating_point()) for n, v in w.items()}
    for x, y in batches:
        F.cross_entropy(forward(with_gradients, x), y).backward()
    return {
        "taylor": {n: (v * with_gradients[n].grad).abs() for n, v in w.items()},
        "l2": {n: v**2 for n, v in w.items()},
        "l1": {n: v.abs() for n, v in w.items()},
    }


def main(model, archive, step=1):
    w = {n: v for n, v in weights(model).items() if v.is_floating_point()}
    test, labels = (part[:: int(step)] for part in images(archive, "test"))
    train, train_labels = images(archive, "train", 64)
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    train, train_labels = train[order], train_labels[order]
    full = size(w)

    @torch.no_grad()
    def accuracy(w, dropped=()):
        return sum((forward(w, test[i : i + 500], dropped).argmax(1) == labels[i : i + 500]).sum().item() for i in range(0, len(test), 500)) / len(test) * 100

    def tell(what, w, dropped=()):
        print(f"{what:48} {100 * size(w, dropped) / full:6.1f} % of the parameters {accuracy(w, dropped):6.2f} %", flush=True)

    tell("dense", w)
    behind = {}
    with torch.no_grad():
        forward(w, train[:512], behind=behind)
    order = sorted(behind, key=behind.get, reverse=True)
    for n in range(1, 6):
        tell(f"without {', '.join(f'{kind} {i}' for i, kind in order[:n])}", w, tuple(order[:n]))
    errors = channel_errors(w, train[:512])
    for n in (120, 112, 96, 80, 64):
        tell(f"{n} channels by their errors", narrowed(w, errors.argsort(descending=True)[:n].sort().values))
    all_scores = scores(w, [(train[i : i + 64], train_labels[i : i + 64]) for i in range(0, 640, 64)])
    for kind, score in all_scores.items():
        for share in (0.8, 0.6, 0.4, 0.2, 0.1):
            ratio = min((i / 500 for i in range(500)), key=lambda r: abs(size(cut(w, score, r)) / full - share))
            tell(f"everything by {kind}, ratio {ratio:.3f}", cut(w, score, ratio))


main(*sys.argv[1:])
