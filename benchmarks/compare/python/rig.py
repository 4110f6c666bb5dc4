"""What the sides in Python share: inputs, a clock, and the lines that a side prints.

The same as package rig in Go, number for number.
"""

import argparse
import json
import math
import time

import numpy as np

CHECKED = 3  # repetitions that are checked one by one
BLOCKS = 7  # blocks of repetitions that are timed
SLOW = 2  # budgets that one repetition must take to be left at those that were checked


def _hash(name, n):
    """The first n numbers of a name's stream: FNV-1a of the name, then SplitMix64."""
    seed = 0xCBF29CE484222325
    for c in name.encode():
        seed = (seed ^ c) * 0x100000001B3 % 2**64
    x = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def fill(name, shape, bound):
    """Numbers drawn evenly from [-bound, bound) by the name's stream."""
    n = math.prod(shape)
    u = (_hash(name, n) >> np.uint64(40)).astype(np.float64) / 2**24
    return ((2 * u - 1) * bound).astype(np.float32).reshape(shape)


def weights(name, *shape):
    """Initial values of a parameter: within 0.1 for vectors and for tables of words,
    else within 1/sqrt(rows)."""
    table = len(shape) == 1 or shape[0] >= 1000
    return fill(name, shape, 0.1 if table else 1 / math.sqrt(shape[0]))


def ids(name, shape, vocab, power):
    """Ids in [0, vocab), id i with probability proportional to (i+1)^-power."""
    w = (np.arange(1, vocab + 1, dtype=np.float64) ** -power * 2**30).astype(np.uint64)
    ends = np.cumsum(w)
    u = (_hash(name, math.prod(shape)) >> np.uint64(11)).astype(np.float64) / 2**53
    r = (u * float(ends[-1])).astype(np.uint64)  # not the remainder: a total off by one would change every id
    return np.searchsorted(ends, r, side="right").astype(np.int64).reshape(shape)


def product(work):
    """(A, B, C, transA, transB, beta) of a work named gemm/MxNxK/NN."""
    parts = work.split("/")
    m, n, k = map(int, parts[1].split("x"))
    form = parts[2].rstrip("+")
    a = fill("A", (m * k,), 0.1).reshape((k, m) if form[0] == "T" else (m, k))
    b = fill("B", (k * n,), 0.1).reshape((n, k) if form[1] == "T" else (k, n))
    return a, b, np.zeros((m, n), np.float32), form[0] == "T", form[1] == "T", float("+" in parts[2])


def sizes(work):
    return tuple(map(int, work.split("/")[1].split("x")))


class Unknown(Exception):
    """This side does not do that work."""


def main(about, new, wait=lambda: None):
    """Runs a side. new(work, threads) returns a function that does the work once and
    one that returns what a right result has: the loss of the last training step, or
    the mean magnitude of what was computed. wait waits until all of it is done."""
    p = argparse.ArgumentParser()
    p.add_argument("-works", required=True, help="what to do, separated by commas")
    p.add_argument("-threads", type=int, default=1)
    p.add_argument("-ms", type=int, default=200, help="how long to measure each")
    flags = p.parse_args()

    def emit(**line):
        print(json.dumps(line), flush=True)

    emit(about=about(flags.threads))
    for work in flags.works.split(","):
        try:
            run, check = new(work, flags.threads)
        except Unknown as e:
            emit(work=work, error=str(e) or "not here")
            continue
        emit(work=work, **measure(run, check, wait, flags.ms / 1000))
        del run, check


def measure(run, check, wait, budget):
    """Warms up for half of the time, then times blocks that take it together."""
    checks, alone = [], math.inf
    for i in range(CHECKED):
        began = time.perf_counter()
        run()
        wait()
        if i > 0:
            alone = min(alone, time.perf_counter() - began)
        checks.append(float(check()))
    if alone > SLOW * budget:
        return {"seconds": alone, "checks": checks}
    warm, n = time.perf_counter(), 1
    while True:
        began = time.perf_counter()
        for _ in range(n):
            run()
        wait()
        now = time.perf_counter()
        each = (now - began) / n
        left = budget / 2 - (now - warm)
        if left <= 0:
            n = max(1, int(budget / BLOCKS / each))
            break
        n = max(1, min(2 * n, int(left / each)))
    times = []
    for _ in range(BLOCKS):
        began = time.perf_counter()
        for _ in range(n):
            run()
        wait()
        times.append((time.perf_counter() - began) / n)
    return {"seconds": sorted(times)[BLOCKS // 2], "checks": checks}
