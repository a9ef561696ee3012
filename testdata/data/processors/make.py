"""What Hugging Face's image processors (on Pillow) make of a picture: transformers 5.18.0, Pillow; run in this folder.

For each NAME a configuration NAME.json, and NAME.npy, which its processor makes of picture.png.
"""
import json

import numpy as np
from PIL import Image
from transformers import models as _  # noqa: F401
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
from transformers.models.levit.image_processing_pil_levit import LevitImageProcessorPil
from transformers.models.mobilevit.image_processing_pil_mobilevit import MobileViTImageProcessorPil
from transformers.models.poolformer.image_processing_pil_poolformer import PoolFormerImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

rng = np.random.default_rng(1)
smooth = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
picture = Image.fromarray(smooth).resize((45, 34), Image.BICUBIC)
picture.save("picture.png")

CASES = {
    "vit": (ViTImageProcessorPil, {"size": 12}),
    "vit_stated": (ViTImageProcessorPil, {"size": {"height": 10, "width": 14}, "resample": 3, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}),
    "vit_shorter_edge": (ViTImageProcessorPil, {"size": {"shortest_edge": 13}, "do_center_crop": True, "crop_size": 12}),
    "deit": (DeiTImageProcessorPil, {"size": 15, "crop_size": 12}),
    "clip": (CLIPImageProcessorPil, {"size": 15, "crop_size": 12}),
    "clip_unscaled": (CLIPImageProcessorPil, {"size": 15, "crop_size": 12, "do_rescale": False, "do_normalize": False}),
    "levit": (LevitImageProcessorPil, {"size": {"shortest_edge": 14}, "crop_size": {"height": 14, "width": 14}}),
    "levit_number": (LevitImageProcessorPil, {"size": 15, "crop_size": 12}),
    "convnext": (ConvNextImageProcessorPil, {"size": {"shortest_edge": 14}}),
    "convnext_share": (ConvNextImageProcessorPil, {"size": 14, "crop_pct": 0.7}),
    "poolformer": (PoolFormerImageProcessorPil, {"size": {"shortest_edge": 14}, "crop_size": 14}),
    "poolformer_square": (PoolFormerImageProcessorPil, {"size": {"height": 14, "width": 14}, "crop_pct": 0.8, "crop_size": 14}),
    "mobilevit": (MobileViTImageProcessorPil, {"size": {"shortest_edge": 16}, "crop_size": 14}),
    "mobilevit_unflipped": (MobileViTImageProcessorPil, {"size": 16, "crop_size": 14, "do_flip_channel_order": False}),
    "efficientnet": (EfficientNetImageProcessorPil, {"size": 14, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.478, 0.473, 0.474]}),
    "efficientnet_offset": (EfficientNetImageProcessorPil, {"size": 14, "rescale_factor": 1 / 127.5, "rescale_offset": True, "include_top": False, "do_normalize": False}),
    "clip_framed": (CLIPImageProcessorPil, {"size": {"shortest_edge": 9}, "crop_size": {"height": 14, "width": 13}}),
    "clip_null": (CLIPImageProcessorPil, {"size": 15, "crop_size": 12, "do_normalize": None, "do_rescale": None}),
    "mobilevit_normalised": (MobileViTImageProcessorPil, {"size": 16, "crop_size": 14, "do_normalize": True, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}),
    "vit_nearest": (ViTImageProcessorPil, {"size": {"height": 15, "width": 35}, "resample": 0}),
    "vit_others_fields": (ViTImageProcessorPil, {"size": 12, "do_flip_channel_order": True, "rescale_offset": True, "include_top": True, "crop_pct": 0.5}),
    "siglip_number": (SiglipImageProcessorPil, {"size": 14, "do_center_crop": True, "crop_size": 12}),
}
for name, (kind, options) in CASES.items():
    result = np.asarray(kind(**options)(picture, return_tensors="np")["pixel_values"])[0].astype(np.float32)
    np.save(name + ".npy", result)
    stated = {"image_processor_type": kind.__name__.removesuffix("Pil"), **options}
    if name == "vit":  # as transformers 5 saves it
        stated = {"processor_class": "AProcessor", "image_processor": stated}
    with open(name + ".json", "w") as out:
        json.dump(stated, out)
    print(name, result.shape)
