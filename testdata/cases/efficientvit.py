"""Makes efficientvit_cascade and efficientvit_linear: timm's two EfficientViTs, tiny, with random weights and a free batch.

usage: python efficientvit.py   (from this folder)
"""
import timm
import torch

SIZES = dict(
    efficientvit_cascade=dict(architecture="efficientvit_m0", img_size=64, embed_dim=(16, 16, 16), key_dim=(6, 5, 6), depth=(1, 1, 1), num_heads=(2, 2, 2),
                              window_size=(4, 4, 4), kernels=(5, 3)),
    efficientvit_linear=dict(architecture="efficientvit_b0", widths=(8, 8, 8, 16, 24), depths=(1, 1, 1, 1, 1), head_dim=8, head_widths=(16, 16)),
)

for name, size in SIZES.items():
    torch.manual_seed(0)
    size = dict(size)
    model = timm.create_model(size.pop("architecture"), num_classes=5, **size).eval()
    with torch.no_grad():
        for _, parameter in model.named_parameters():
            parameter.copy_(1 + 0.1 * torch.randn_like(parameter) if parameter.dim() == 1 else 0.25 * torch.randn_like(parameter))
        for key, buffer in model.named_buffers():
            if key.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand_like(buffer))
    torch.onnx.export(model, (torch.randn(2, 3, 64, 64),), f"{name}/model.onnx", dynamo=False, opset_version=17, input_names=["x"], output_names=["y"],
                      dynamic_axes=dict(x={0: "batch"}))
