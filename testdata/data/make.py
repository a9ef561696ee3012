"""Writes the pictures in this folder and what Pillow and torchvision make of them.

Run in this folder with Pillow 12.3, NumPy 2.4, torch 2.13 and torchvision 0.28; never run by a test.
"""
import json
import numpy as np
import torch
from PIL import Image
from torchvision import transforms

rng = np.random.default_rng(7)


def smooth(h, w, c):
    """Gradients and some noise: compresses, but no two pixels are alike."""
    y, x = np.mgrid[0:h, 0:w]
    planes = [127 + 90 * np.sin(x / (3 + k)) * np.cos(y / (4 - k)) + rng.normal(0, 12, (h, w)) for k in range(c)]
    a = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    return a if c > 1 else a[..., 0]


rgb = Image.fromarray(smooth(29, 41, 3))
rgb.save("rgb.png")
Image.fromarray(smooth(29, 41, 1)).save("grey.png")
rgb.quantize(64).save("palette.png")
Image.fromarray(smooth(29, 41, 4), "RGBA").save("rgba.png")
Image.fromarray((rng.integers(0, 65536, (9, 7))).astype(np.uint16)).save("grey16.png")
Image.fromarray(smooth(29, 41, 1)).convert("1").save("bits.png")
rgb.save("rgb.bmp")
rgb.save("baseline.jpg", quality=92, subsampling=0)
rgb.save("progressive.jpg", quality=92, subsampling=0, progressive=True)
rgb.save("subsampled.jpg", quality=92, subsampling=2)
Image.open("grey.png").save("grey.jpg", quality=92)
rgb.convert("CMYK").save("cmyk.jpg", quality=92)

for name in ["palette.png", "rgba.png", "bits.png", "rgb.bmp",
             "baseline.jpg", "progressive.jpg", "subsampled.jpg", "grey.jpg", "cmyk.jpg"]:
    np.save(f"decoded_{name}.npy", np.array(Image.open(name).convert("RGB")))
np.save("luma_rgb.png.npy", np.array(rgb.convert("L")))
for size in [(16, 16), (20, 29), (41, 12), (64, 50), (5, 3)]:
    for name, how in [("NEAREST", 0), ("LANCZOS", 1), ("BILINEAR", 2), ("BICUBIC", 3)]:
        np.save(f"resized_{name}_{size[0]}x{size[1]}.npy", np.array(rgb.resize(size, how)))

mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
pipeline = transforms.Compose([
    transforms.Resize(19, transforms.InterpolationMode.BICUBIC), transforms.CenterCrop(16),
    transforms.ToTensor(), transforms.Normalize(mean, std)])
np.save("torchvision_bicubic_19_crop_16.npy", pipeline(rgb).numpy())
pipeline = transforms.Compose([
    transforms.Resize((16, 24), transforms.InterpolationMode.BILINEAR),
    transforms.ToTensor(), transforms.Normalize(mean, std)])
np.save("torchvision_bilinear_16x24.npy", pipeline(rgb).numpy())
pipeline = transforms.Compose([transforms.CenterCrop(36), transforms.ToTensor()])  # pads above and below
np.save("torchvision_crop_36.npy", pipeline(rgb).numpy())

json.dump({"do_resize": True, "size": {"shortest_edge": 19}, "resample": 3, "do_center_crop": True,
           "crop_size": {"height": 16, "width": 16}, "do_rescale": True, "rescale_factor": 0.00392156862745098,
           "do_normalize": True, "image_mean": mean, "image_std": std, "image_processor_type": "DeiTImageProcessor"},
          open("preprocessor_config.json", "w"), indent=1)

np.savez_compressed("text.npz", input_ids=np.arange(30, dtype=np.int64).reshape(5, 6) % 11,
                    attention_mask=np.ones((5, 6), np.int32), weights=np.linspace(0, 1, 5).astype(np.float16),
                    flags=np.array([1, 0, 1, 1, 0], bool), labels=np.array([0, 2, 1, 2, 0], np.int64))
