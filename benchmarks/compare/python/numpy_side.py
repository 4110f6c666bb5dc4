"""The work of the comparison in NumPy. CBOW and skip-gram are trained in the manner of
Deep Learning from Scratch 2: a layer for each context word and for each word asked
for, a gradient of the whole matrix from each layer, summed where layers share a
matrix, and Adam over whole matrices."""

import numpy as np

import rig


def about(threads):
    return {"NumPy": np.__version__}


def new(work, threads):
    kind, rest = work.split("/", 1)
    if kind == "gemm":
        return product(work)
    if kind == "step" and rest in ("cbow", "skipgram"):
        return step(rest)
    if kind in POINTWISE:
        x = rig.fill("x", rig.sizes(work), 4.0)
        y, f = np.empty_like(x), POINTWISE[kind]
        return lambda: f(x, y), lambda: np.abs(y.astype(np.float64)).mean()
    if kind in ("softmax", "xent"):
        return rows(kind, work)
    raise rig.Unknown


def product(work):
    a, b, c, ta, tb, beta = rig.product(work)
    if beta:
        raise rig.Unknown("NumPy has no product that adds to its output")
    a, b = a.T if ta else a, b.T if tb else b
    return lambda: np.matmul(a, b, out=c), lambda: np.abs(c.astype(np.float64)).mean()


def sigmoid(x, out):
    np.negative(x, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


POINTWISE = {
    "exp": lambda x, out: np.exp(x, out=out),
    "tanh": lambda x, out: np.tanh(x, out=out),
    "sigmoid": sigmoid,
}


def softmax(x, out):
    np.subtract(x, x.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)


def rows(kind, work):
    shape = rig.sizes(work)
    x = rig.fill("x", shape, 4.0)
    y = np.empty_like(x)
    if kind == "softmax":
        return lambda: softmax(x, y), lambda: np.abs(y.astype(np.float64)).mean()
    labels = rig.ids("labels", shape[:1], shape[1], 0)
    at = np.arange(shape[0])
    last = [0.0]

    def run():
        softmax(x, y)
        last[0] = -np.log(y[at, labels]).mean()
        y[at, labels] -= 1
        np.divide(y, shape[0], out=y)

    return run, lambda: last[0]


class Lookup:
    """The rows of a matrix that ids name."""

    def __init__(self, table):
        self.table, self.grad = table, np.zeros_like(table)

    def forward(self, ids):
        self.ids = ids
        return self.table[ids]

    def backward(self, dy):
        self.grad[...] = 0
        np.add.at(self.grad, self.ids, dy)


class Ask:
    """Whether words belong to hidden vectors: the mean of -log sigmoid(±h·w)."""

    def __init__(self, table, right):
        self.lookup, self.right = Lookup(table), right

    def forward(self, h, ids):
        w = self.lookup.forward(ids)
        p = 1 / (1 + np.exp(-np.sum(w * h, axis=1)))
        self.kept = h, w, p
        return -np.log((p if self.right else 1 - p) + 1e-7).mean()

    def backward(self):
        h, w, p = self.kept
        ds = ((p - self.right) / len(p)).reshape(-1, 1).astype(np.float32)
        self.lookup.backward(ds * h)
        return ds * w


class NegativeSampling:
    """Asks for a word and for K words that are wrong."""

    def __init__(self, table, k):
        self.layers = [Ask(table, i == 0) for i in range(k + 1)]

    def forward(self, h, target, negatives):
        loss = self.layers[0].forward(h, target)
        for i, layer in enumerate(self.layers[1:]):
            loss += layer.forward(h, negatives[:, i])
        return loss

    def backward(self):
        return sum(layer.backward() for layer in self.layers)

    def grads(self):
        return [layer.lookup.grad for layer in self.layers]


class CBOW:
    def __init__(self, embed, out, window, k):
        self.lookups = [Lookup(embed) for _ in range(window)]
        self.loss = NegativeSampling(out, k)

    def forward(self, contexts, target, negatives):
        h = 0
        for i, l in enumerate(self.lookups):
            h = h + l.forward(contexts[:, i])
        return self.loss.forward(h / len(self.lookups), target, negatives)

    def backward(self):
        dh = self.loss.backward() / len(self.lookups)
        for l in self.lookups:
            l.backward(dh)

    def grads(self):
        return [[l.grad for l in self.lookups], self.loss.grads()]


class SkipGram:
    def __init__(self, embed, out, window, k):
        self.lookup = Lookup(embed)
        self.k, self.losses = k, [NegativeSampling(out, k) for _ in range(window)]

    def forward(self, contexts, target, negatives):
        h, loss = self.lookup.forward(target), 0
        for i, l in enumerate(self.losses):
            loss += l.forward(h, contexts[:, i], negatives[:, i * self.k : (i + 1) * self.k])
        return loss

    def backward(self):
        self.lookup.backward(sum(l.backward() for l in self.losses))

    def grads(self):
        return [[self.lookup.grad], [g for l in self.losses for g in l.grads()]]


class Adam:
    """Dense, in the book's form."""

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999):
        self.params, self.lr, self.beta1, self.beta2, self.t = params, lr, beta1, beta2, 0
        self.m, self.v = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params]

    def step(self, grads):
        self.t += 1
        rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        for p, g, m, v in zip(self.params, grads, self.m, self.v):
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g**2 - v)
            p -= np.float32(rate) * m / (np.sqrt(v) + 1e-7)


def step(name):
    asked = 10 if name == "skipgram" else 1
    contexts, targets = rig.ids("contexts", (32, 100, 10), 10000, 1), rig.ids("targets", (32, 100), 10000, 1)
    negatives = rig.ids("negatives", (32, 100, 5 * asked), 10000, 0.75)
    params = [rig.weights("Embed.W", 10000, 100), rig.weights("Out.W", 10000, 100)]
    model = (CBOW if name == "cbow" else SkipGram)(*params, 10, 5)
    optimiser = Adam(params)
    steps, last = 0, 0.0

    def run():
        nonlocal steps, last
        i = steps % len(targets)
        last = model.forward(contexts[i], targets[i], negatives[i])
        model.backward()
        summed = []
        for shared in model.grads():
            total = shared[0]
            for g in shared[1:]:
                total += g
            summed.append(total)
        optimiser.step(summed)
        steps += 1

    return run, lambda: last


if __name__ == "__main__":
    rig.main(about, new)
