"""Makes the models here: untrained, so that exporters store equal biases, scales and tokens once.

Made with torch 2.13.0, timm 1.0.29, transformers 5.18.0; run in this folder.
"""
import onnx
import torch
from timm.models.vision_transformer import VisionTransformer
from transformers import AlbertConfig, AlbertModel

torch.manual_seed(0)
vit = VisionTransformer(
    img_size=8, patch_size=4, in_chans=1, num_classes=10, embed_dim=12, depth=3, num_heads=2, mlp_ratio=2
).eval()
torch.manual_seed(0)
albert = AlbertModel(
    AlbertConfig(
        vocab_size=30, embedding_size=8, hidden_size=12, num_hidden_layers=3, num_attention_heads=2,
        intermediate_size=20, max_position_embeddings=16, attn_implementation="eager", return_dict=False,
    )
).eval()
pictures = torch.zeros(4, 1, 8, 8)
ids = torch.ones(2, 9, dtype=torch.long)
batch = {0: torch.export.Dim.DYNAMIC}


def dynamo(model, inputs, file, names, shapes):
    torch.onnx.export(model, inputs, file, input_names=names, dynamic_shapes=shapes, dynamo=True, external_data=False)
    slim = onnx.load(file)
    for node in slim.graph.node:  # where in Python it comes from: nine tenths of the file
        del node.metadata_props[:]
    del slim.graph.value_info[:]
    onnx.save(slim, file)


def legacy(model, inputs, file, names):
    torch.onnx.export(
        model, inputs, file, input_names=names, dynamic_axes={n: {0: "batch"} for n in names}, dynamo=False, opset_version=17
    )


dynamo(vit, (pictures,), "vit_dynamo.onnx", ["image"], (batch,))
dynamo(vit, (torch.zeros(64, 1, 8, 8),), "vit_dynamo_batch_64.onnx", ["image"], None)
legacy(vit, (pictures,), "vit_torchscript.onnx", ["image"])
names = ["input_ids", "attention_mask"]
dynamo(albert, (ids, torch.ones_like(ids)), "albert_dynamo.onnx", names, {n: batch for n in names})
legacy(albert, (ids, torch.ones_like(ids)), "albert_torchscript.onnx", names)
print(sum(p.numel() for p in vit.parameters()), sum(p.numel() for p in albert.parameters()))
