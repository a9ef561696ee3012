"""Writes timm's and open_clip's configurations in this folder, and what they make of picture.png.

Run in this folder with timm 1.0.29, torch 2.13, torchvision 0.28 and Pillow 12.3; never run by a test. What
open_clip computes is composed of torchvision's transforms, as its image_transform does.
"""
import json
import numpy as np
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torchvision import transforms
from torchvision.transforms import InterpolationMode

picture = Image.open("picture.png").convert("RGB")

TIMM = {
    "timm_center": {"input_size": [3, 24, 24], "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center",
                    "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    "timm_defaults": {"input_size": [3, 21, 21]},
    "timm_squash": {"input_size": [3, 24, 20], "interpolation": "bilinear", "crop_pct": 0.8, "crop_mode": "squash",
                    "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
}
for name, config in TIMM.items():
    json.dump({"architecture": "vit_tiny_patch16_224", "num_classes": 10, "pretrained_cfg": config},
              open(name + ".json", "w"), indent=1)
    transform = create_transform(**resolve_data_config(pretrained_cfg=config))
    np.save(name + ".npy", transform(picture).numpy().astype(np.float32))

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
CLIP = {
    "open_clip_shortest": ({"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_mode": "shortest"},
                           [transforms.Resize(24, InterpolationMode.BICUBIC), transforms.CenterCrop(24)]),
    "open_clip_squash": ({"size": [24, 24], "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear",
                          "resize_mode": "squash"}, [transforms.Resize((24, 24), InterpolationMode.BILINEAR)]),
}
for name, (config, steps) in CLIP.items():
    json.dump({"model_cfg": {"embed_dim": 64, "vision_cfg": {"image_size": 24}}, "preprocess_cfg": config},
              open(name + ".json", "w"), indent=1)
    steps = steps + [transforms.ToTensor(), transforms.Normalize(config["mean"], config["std"])]
    np.save(name + ".npy", transforms.Compose(steps)(picture).numpy())
