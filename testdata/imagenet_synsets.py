"""Writes the names of ImageNet's 1,000 classes, one synset of WordNet 3.0 a line, in the order of a classifier's outputs.

The order is that of ILSVRC 2012: the names sorted. Taken from the table in timm's package, and compared with its own sorting.

    pip install timm==1.0.29
    python testdata/imagenet_synsets.py runtime/src/main/resources/io/gohsp/data/imagenet-synsets.txt
"""
import sys
from pathlib import Path

from timm.data import ImageNetInfo

names = list(ImageNetInfo().label_names())
assert len(names) == 1000 and names == sorted(names), "not the 1,000 classes in their order"
Path(sys.argv[1]).write_text("".join(name + "\n" for name in names))
