"""Accuracy and time of every stage from a trained model to 8 bits: the table of docs/AFTER_PRUNING.md.

usage: python stages.py GOHSP WORK KEEP digits RESOURCES                 (RESOURCES: runtime/src/main/resources/io/gohsp/data/digits)
       python stages.py GOHSP WORK KEEP MODEL PICTURES MEAN STD          (mean and std as gohsp's options have them: 0.49,0.48,0.45)

GOHSP is the program: ./gohsp in a checkout.

PICTURES is a folder or a zip of one, and holds train/CLASS/* and test/CLASS/* (or val/CLASS/*), pictures of the size of the model's input; for digits, every ninth is in the test part, and a model is trained on the others first. gohsp prunes to KEEP
of the parameters on the training pictures (no training), then 100 updates follow with the unpruned model as the teacher; 16-bit floats and 8 bits are made by the tools of ONNX Runtime's Python
package. Every stage answers all test pictures, and all of them are timed in turns, round by round, so that other work on the machine meets all alike; a time is the median over rounds, its share
the median of the shares of rounds. Needs onnx, onnxruntime, numpy, Pillow.
"""

import gzip
import io
import pathlib
import platform
import subprocess
import sys
import time
import zipfile

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers import float16
from PIL import Image

CALIBRATION, BATCH, ROUNDS, UPDATES = 256, 64, 51, 100


def numbers(text):
    return np.array([float(part) for part in text.split(",")], np.float32).reshape(1, -1, 1, 1)


def pictures(place, parts, most, mean, std):
    """Arrays and labels of the first of these parts that is there, evenly over its pictures; classes in the order of their names."""
    top = pathlib.Path(place) if pathlib.Path(place).is_dir() else zipfile.Path(place)
    part = next(top / name for name in parts if (top / name).is_dir())
    classes = sorted(folder.name for folder in part.iterdir() if folder.is_dir())
    files = [(label, file) for label, name in enumerate(classes) for file in sorted((part / name).iterdir(), key=lambda file: file.name)]
    files = files[:: max(1, len(files) // most)] if most else files
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(file.read_bytes())).convert("RGB" if mean.size == 3 else "L"), np.float32) for _, file in files])
    pixels = pixels.reshape(*pixels.shape[:3], mean.size)
    return (pixels.transpose(0, 3, 1, 2) / 255 - mean) / std, np.array([label for label, _ in files])


def digits(resources, work, call):
    """The digits that come with gohsp as a zip of pictures, and README's model of them, trained on the train part for half as long."""
    archive, model = work / "digits.zip", work / "digits.onnx"
    if not archive.exists():
        read = lambda name, skip: np.frombuffer(gzip.decompress((resources / name).read_bytes())[skip:], np.uint8)
        labels, pixels = read("digits-labels-idx1-ubyte.gz", 8), read("digits-images-idx3-ubyte.gz", 16).reshape(-1, 8, 8)
        pixels = (pixels * (255 / pixels.max())).round().astype(np.uint8)
        with zipfile.ZipFile(archive, "w") as files:
            for number, (label, picture) in enumerate(zip(labels, pixels)):
                png = io.BytesIO()
                Image.fromarray(picture).save(png, "PNG")
                files.writestr(f"{'test' if number % 9 == 4 else 'train'}/{label}/{number:04}.png", png.getvalue())
    if not model.exists():
        untrained = work / "untrained.onnx"
        call("create", "vit-small", "-o", untrained, *"--image 8 --patch 2 --channels 1 --dim 64 --depth 3 --heads 4 --mlp 128".split())
        call("train", untrained, "-o", model, "--data", archive, *"--mean 0.5 --std 0.5 --epochs 20 --batch 32 --lr 2e-3 --ema 0.99 --smoothing 0.1 --threads 1".split())
    return [model, archive, "0.5", "0.5"]


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def batches(model, images):
    name = model.get_inputs()[0].name
    return ({name: images[start : start + BATCH]} for start in range(0, len(images), BATCH))


def size(path):
    """Of a model and of the side files that its weights lie in."""
    tensors = onnx.load(path, load_external_data=False).graph.initializer
    beside = {entry.value for tensor in tensors for entry in tensor.external_data if entry.key == "location"}
    return path.stat().st_size + sum((path.parent / name).stat().st_size for name in beside)


def accuracy(path, images, labels):
    model = session(path)
    answers = np.concatenate([model.run(None, batch)[0].argmax(1) for batch in batches(model, images)])
    return 100 * float((answers == labels).mean())


def times(paths, images):
    """Milliseconds by round and model for one batch, in turns."""
    models = [session(path) for path in paths]
    feeds = [next(batches(model, images)) for model in models]
    rounds = []
    for number in range(-3, ROUNDS):
        row = []
        for model, feed in zip(models, feeds):
            start = time.perf_counter()
            model.run(None, feed)
            row.append(1e3 * (time.perf_counter() - start))
        if number >= 0:
            rounds.append(row)
    return np.array(rounds)


class Calibration(CalibrationDataReader):
    def __init__(self, path, images):
        self.batches = batches(session(path), images)

    def get_next(self):
        return next(self.batches, None)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []
    values = dict(tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    return f"{values.get('model name', platform.processor())}, model {values.get('model', '?')}"


def made(work, name, make):
    """A stage, unless an earlier call made it."""
    path = work / f"{name}.onnx"
    if not path.exists():
        make(path)
    return path


if __name__ == "__main__":
    gohsp, work, keep, *rest = sys.argv[1], pathlib.Path(sys.argv[2]), *sys.argv[3:]
    work.mkdir(parents=True, exist_ok=True)
    call = lambda *arguments: subprocess.run([gohsp, *map(str, arguments)], check=True)
    dense, archive, center, scale = digits(pathlib.Path(rest[1]), work, call) if rest[0] == "digits" else rest
    dense, mean, std = pathlib.Path(dense), numbers(center), numbers(scale)
    data = ["--data", archive, "--mean", center, "--std", scale, "--threads", "1"]

    pruned = made(work, "pruned", lambda out: call("prune", dense, "-o", out, *data, "--keep-params", keep, "--epochs", 0))
    tuned = made(
        work, "tuned", lambda out: call("train", pruned, "-o", out, *data, "--teacher", dense, "--distill", 1, "--lr", "1e-4", "--epochs", 1, "--epoch-size", UPDATES * BATCH, "--keep", "last")
    )
    prepared = made(work, "prepared", lambda out: quant_pre_process(str(tuned), str(out), skip_symbolic_shape=True))
    samples, _ = pictures(archive, ["train"], CALIBRATION, mean, std)
    stages = {
        "original": dense,
        "pruned": pruned,
        "pruned, fine-tuned": tuned,
        "fp16": made(work, "fp16", lambda out: onnx.save(float16.convert_float_to_float16(onnx.load(tuned), keep_io_types=True), out)),
        "int8, dynamic": made(work, "dynamic", lambda out: quantize_dynamic(prepared, out, per_channel=True)),
        "int8, static (QDQ)": made(
            work, "static", lambda out: quantize_static(prepared, out, Calibration(prepared, samples), quant_format=QuantFormat.QDQ, per_channel=True)
        ),
    }
    images, labels = pictures(archive, ["test", "val"], 0, mean, std)
    measured = times(stages.values(), images)
    print(f"{processor()}; one thread, batch {BATCH}, {ROUNDS} rounds in turns; onnxruntime {ort.__version__}; {len(labels):,} test pictures\n")
    print("| stage | accuracy | file | ms a batch | of the original |\n| --- | --- | --- | --- | --- |")
    for column, (stage, path) in enumerate(stages.items()):
        own, share = np.median(measured[:, column]), np.median(measured[:, column] / measured[:, 0])
        print(f"| {stage} | {accuracy(path, images, labels):.2f} % | {size(path) / 1e6:.2f} MB | {own:.1f} | {share:.2f} |", flush=True)
