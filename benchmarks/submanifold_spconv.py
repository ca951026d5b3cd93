"""Training and forward of vgg16b in spconv on a CPU, for benchmarks/submanifold.py.

Usage: python submanifold_spconv.py BATCHES.npz WIDTH ROUNDS      (needs: pip install torch spconv)

BATCHES.npz holds the hits of some batches: event_I, row_I, col_I, plane_I, value_I, label_I, and shape (rows, cols,
planes). Prints {"training": [seconds per event of each round], "forward": [...]} as JSON.
"""

import json
import sys
import time

import numpy as np

_FILTERS = [(64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)]
_CLASSES = 5

try:
    import spconv.pytorch as spconv
    import torch
    from spconv.core import ConvAlgo
    from spconv.pytorch import ops
except ImportError as error:
    sys.exit(f"spconv is not installed here ({error}): pip install torch spconv")

# Its code for CPUs asks for the stream of a GPU, and does not use it.
ops.get_current_stream = lambda: 0


def network(width):
    """vgg16b with its filters divided by `width`."""
    layers, channels, native = [], 3, {"algo": ConvAlgo.Native}
    for level, stage in enumerate(_FILTERS):
        for filters in (number // width for number in stage):
            convolution = spconv.SubMConv2d(channels, filters, 3, bias=False, indice_key=f"level{level}", **native)
            layers += [convolution, torch.nn.BatchNorm1d(filters), torch.nn.ReLU()]
            channels = filters
        layers.append(spconv.SparseMaxPool2d(2, 2, **native))
    return spconv.SparseSequential(*layers), torch.nn.Linear(channels, _CLASSES)


def sites(batch, shape):
    """The pixels of a batch as spconv takes them."""
    rows, cols, planes = shape
    pixel = (batch["event"].astype(np.int64) * rows + batch["row"]) * cols + batch["col"]
    places, where = np.unique(pixel, return_inverse=True)
    features = np.zeros((len(places), planes), np.float32)
    features[where, batch["plane"]] = batch["value"] / 100
    indices = np.stack([places // (rows * cols), places // cols % rows, places % cols], axis=1).astype(np.int32)
    events = len(batch["label"])
    return spconv.SparseConvTensor(torch.from_numpy(features), torch.from_numpy(indices), [rows, cols], events)


def logits(parts, batch, shape):
    body, last = parts
    features = body(sites(batch, shape))
    mean = torch.zeros(len(batch["label"]), features.features.shape[1])
    cells = features.spatial_shape[0] * features.spatial_shape[1]
    return last(mean.index_add(0, features.indices[:, 0].long(), features.features) / cells)


def main():
    stored, width, rounds = np.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    shape = tuple(map(int, stored["shape"]))
    names = ("event", "row", "col", "plane", "value", "label")
    number = sum(name.startswith("label_") for name in stored.files)
    batches = [{name: stored[f"{name}_{batch}"] for name in names} for batch in range(number)]
    torch.manual_seed(0)
    parts = network(width)
    optimizer = torch.optim.AdamW([weight for part in parts for weight in part.parameters()], 1e-3)

    def train(batch):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits(parts, batch, shape), torch.from_numpy(batch["label"])).backward()
        optimizer.step()

    def forward(batch):
        with torch.no_grad():
            logits(parts, batch, shape)

    taken = {"training": [], "forward": []}
    for name, step in (("training", train), ("forward", forward)):
        for part in parts:
            part.train(name == "training")
        step(batches[0])
        for _ in range(rounds):
            begin = time.perf_counter()
            for batch in batches:
                step(batch)
            taken[name].append((time.perf_counter() - begin) / sum(len(batch["label"]) for batch in batches))
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
