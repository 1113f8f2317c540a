"""The peer of `bench training`: PyTorch DistributedDataParallel over gloo, one thread a process.

Trains one of two networks on Fashion-MNIST (gzipped IDX files) and prints one line of JSON. Everything that is not
training (imports, loading, the first steps, evaluation) is outside the measured time. The data sit in memory as one
tensor and batches are gathered by index, the fastest loader Python has, so that the figure is the step's and not a
loader's. With one process there is no DDP: that is the same step alone.
"""
import argparse
import gzip
import json
import os
import struct
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn as nn
import torch.nn.functional as F


def idx(path):
    with gzip.open(path, "rb") as file:
        dimensions = struct.unpack(">HBB", file.read(4))[2]
        shape = struct.unpack(">" + "I" * dimensions, file.read(4 * dimensions))
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(shape)


def split(folder, name):
    images = idx(f"{folder}/{name}-images-idx3-ubyte.gz").unsqueeze(1)
    return images, idx(f"{folder}/{name}-labels-idx1-ubyte.gz").long()


def network(name):
    if name == "mlp":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def accuracy(net, images, labels):
    net.eval()
    right = 0
    with torch.no_grad():
        for first in range(0, len(images), 500):
            guess = net(images[first:first + 500].float().div_(255)).argmax(1)
            right += (guess == labels[first:first + 500]).sum().item()
    return right / len(images)


def work(rank, args):
    torch.set_num_threads(1)
    distributed = args.processes > 1
    if distributed:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
        dist.init_process_group("gloo", rank=rank, world_size=args.processes)
    images, labels = split(args.data, "train")
    torch.manual_seed(args.seed)
    mine = torch.randperm(len(images))[rank::args.processes]
    images, labels = images[mine], labels[mine]
    net = network(args.network)
    model = nn.parallel.DistributedDataParallel(net) if distributed else net
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate, momentum=args.momentum)
    epoch = len(images) // args.batch
    steps = epoch * args.epochs
    for step in range(steps):
        if step == args.warm:
            if distributed:
                dist.barrier()
            started = time.perf_counter()
        at = step % epoch
        if at == 0:
            order = torch.randperm(len(images))
        rows = order[at * args.batch:(at + 1) * args.batch]
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(images[rows].float().div_(255)), labels[rows]).backward()
        optimizer.step()
    if distributed:
        dist.barrier()
    seconds = time.perf_counter() - started
    if rank == 0:
        print(json.dumps({
            "version": torch.__version__,
            "imagesPerSecond": (steps - args.warm) * args.batch * args.processes / seconds,
            "testAccuracy": accuracy(net, *split(args.data, "t10k"))}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--network", choices=["mlp", "cnn"], required=True)
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--warm", type=int, required=True, help="steps before the clock starts")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--momentum", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    parsed = parser.parse_args()
    if parsed.processes > 1:
        mp.spawn(work, (parsed,), nprocs=parsed.processes)
    else:
        work(0, parsed)
