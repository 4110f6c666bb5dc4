"""The work of the comparison in PyTorch, in its best configuration.

COMPARE_TORCH chooses: "dense" (default) or "sparse" gradients of embeddings, with
SparseAdam where Adam is asked for; "compiled" is dense, the loss through
torch.compile. COMPARE_DEVICE is where: "cpu" (default) or "cuda".

Fused where there is something fused: nn.LSTM over all time steps (oneDNN), time-major,
as it is fastest; Adam and SGD with fused=True; norms and clipping with foreach.
"""

import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import rig

VARIANT = os.environ.get("COMPARE_TORCH", "dense")
SPARSE = VARIANT == "sparse"
DEVICE = os.environ.get("COMPARE_DEVICE", "cpu")


def about(threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    a = {"PyTorch": torch.__version__, "PyTorch's instructions": torch.backends.cpu.get_cpu_capability()}
    if DEVICE == "cuda":
        a["PyTorch's device"] = torch.cuda.get_device_name()
    if "jemalloc" in os.environ.get("LD_PRELOAD", ""):
        with open("/proc/self/maps") as f:  # a library that cannot be preloaded is only warned of
            assert "jemalloc" in f.read(), "jemalloc is not loaded"
    return a


def on_device(a):
    return torch.from_numpy(a).to(DEVICE)


def wait():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def new(work, threads):
    kind, rest = work.split("/", 1)
    if kind == "gemm":
        return product(work)
    if kind == "step":
        return step(rest)
    if kind in POINTWISE:
        return pointwise(kind, work)
    if kind in ("softmax", "xent"):
        return rows(kind, work)
    raise rig.Unknown


def product(work):
    a, b, c, ta, tb, beta = rig.product(work)
    a, b, c = on_device(a), on_device(b), on_device(c)
    a, b = a.T if ta else a, b.T if tb else b
    if beta:
        return lambda: c.addmm_(a, b), lambda: c.double().abs().mean()
    return lambda: torch.mm(a, b, out=c), lambda: c.double().abs().mean()


POINTWISE = {"exp": torch.exp, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def pointwise(kind, work):
    f = POINTWISE[kind]
    x = on_device(rig.fill("x", rig.sizes(work), 4.0))
    y = torch.empty_like(x)
    return lambda: f(x, out=y), lambda: y.double().abs().mean()


def rows(kind, work):
    shape = rig.sizes(work)
    x = on_device(rig.fill("x", shape, 4.0))
    if kind == "softmax":
        y = torch.empty_like(x)
        return lambda: torch._softmax(x, -1, False, out=y), lambda: y.double().abs().mean()
    x.requires_grad_()
    labels = on_device(rig.ids("labels", shape[:1], shape[1], 0))
    last = [0.0]

    def run():
        loss = F.cross_entropy(x, labels)
        last[0] = loss.item()
        loss.backward()
        x.grad = None

    return run, lambda: last[0]


# Models. Parameters get their values by the names that they have in wengert.


def param(name, *shape):
    return nn.Parameter(on_device(rig.weights(name, *shape)))


def table(name, v, d, sparse=SPARSE):
    e = nn.Embedding(v, d, sparse=sparse, device=DEVICE)
    e.weight = param(name, v, d)
    return e


def affine(name, d, h):
    """A Linear whose [h, d] weight holds the values of wengert's [d, h]."""
    l = nn.Linear(d, h, device=DEVICE)
    l.weight = nn.Parameter(param(name + ".W", d, h).data.T.contiguous())
    l.bias = param(name + ".B", h)
    return l


def recurrent(name, cls, d, h, gates=1, **options):
    """An nn.LSTM or nn.RNN. The book's gates f, g, i, o are PyTorch's i, f, g, o in
    another order, and PyTorch's second bias is a constant 0."""
    l = cls(d, h, device=DEVICE, **options)
    order = [2, 0, 1, 3] if gates == 4 else [0]

    def values(name, *shape):
        w = rig.weights(name, *shape).reshape(*shape[:-1], gates, h)[..., order, :]
        return on_device(np.ascontiguousarray(w.reshape(shape).T))

    for i in range(l.num_layers):
        cell = f"{name}.Cells.{i}."
        with torch.no_grad():
            getattr(l, f"weight_ih_l{i}").copy_(values(cell + "Wx", d if i == 0 else h, gates * h))
            getattr(l, f"weight_hh_l{i}").copy_(values(cell + "Wh", h, gates * h))
            getattr(l, f"bias_ih_l{i}").copy_(values(cell + "B", gates * h))
            getattr(l, f"bias_hh_l{i}").zero_()
        getattr(l, f"bias_hh_l{i}").requires_grad_(False)
    return l


class Word2vec(nn.Module):
    """CBOW (the mean of the contexts' vectors asks for the target) or skip-gram (the
    target's vector asks for each context)."""

    def __init__(self, skipgram):
        super().__init__()
        self.skipgram = skipgram
        self.embed, self.out = table("Embed.W", 10000, 100), table("Out.W", 10000, 100)

    def forward(self, contexts, targets, negatives):
        if self.skipgram:
            h, right = self.embed(targets), contexts
        else:
            h = F.embedding_bag(contexts, self.embed.weight, mode="mean", sparse=SPARSE)
            right = targets.unsqueeze(1)
        c = right.shape[1]
        s = torch.bmm(self.out(torch.cat([right, negatives], 1)), h.unsqueeze(2)).squeeze(2)
        return (F.softplus(-s[:, :c]).sum() + F.softplus(s[:, c:]).sum()) / s.shape[0]


class Language(nn.Module):
    """A language model over windows of ids [T, N]."""

    def __init__(self, cell):
        super().__init__()
        self.embed = table("Embed.W", 10000, 100)
        if cell == "rnn":
            self.layer = recurrent("Layer", nn.RNN, 100, 100)
        else:
            self.layer = recurrent("Layer", nn.LSTM, 100, 100, gates=4)
        self.out = affine("Out", 100, 10000)

    def forward(self, ids, targets, state):
        y, state = self.layer(self.embed(ids), state)
        return F.cross_entropy(self.out(y).flatten(0, 1), targets.flatten()), state


class Better(nn.Module):
    """Two LSTM layers, dropout, tied weights."""

    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout
        self.embed = table("Embed.W", 10000, 650, sparse=False)
        self.layer = recurrent("LSTM", nn.LSTM, 650, 650, gates=4, num_layers=2, dropout=dropout)
        self.bias = param("B", 10000)

    def forward(self, ids, targets, state):
        y, state = self.layer(F.dropout(self.embed(ids), self.dropout), state)
        scores = F.linear(F.dropout(y, self.dropout), self.embed.weight, self.bias)
        return F.cross_entropy(scores.flatten(0, 1), targets.flatten()), state


class Answer(nn.Module):
    """An encoder and a decoder over tokens [T, N]: plain, peeky or with attention."""

    def __init__(self, kind, v, h):
        super().__init__()
        self.kind = kind
        peek = h if kind == "peeky" else 0
        self.read = table("Encoder.Embed.W", v, 16)
        self.encoder = recurrent("Encoder.LSTM", nn.LSTM, 16, h, gates=4)
        self.write = table("Decoder.Embed.W", v, 16)
        self.decoder = recurrent("Decoder.LSTM", nn.LSTM, peek + 16, h, gates=4)
        self.out = affine("Decoder.Out", h if kind == "seq2seq" else 2 * h, v)

    def forward(self, questions, given, wanted):
        encoded, (h, _) = self.encoder(self.read(questions))
        x = self.write(given)
        peek = h.expand(x.shape[0], -1, -1)
        if self.kind == "peeky":
            x = torch.cat([peek, x], 2)
        y, _ = self.decoder(x, (h, torch.zeros_like(h)))
        if self.kind == "peeky":
            y = torch.cat([peek, y], 2)
        if self.kind == "attention":
            q, k = y.transpose(0, 1), encoded.transpose(0, 1)  # [N, S, H], [N, T, H]
            w = torch.softmax(torch.bmm(q, k.transpose(1, 2)), -1)
            y = torch.cat([torch.bmm(w, k).transpose(0, 1), y], 2)
        return F.cross_entropy(self.out(y).flatten(0, 1), wanted.flatten())


def clip(params, most):
    """clip_grad_norm_, for gradients that may be row-sparse."""
    if not SPARSE:
        nn.utils.clip_grad_norm_(params, most, foreach=True)
        return
    grads = []
    for p in params:
        if p.grad.is_sparse:
            p.grad = p.grad.coalesce()
        grads.append(p.grad._values() if p.grad.is_sparse else p.grad)
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
    torch._foreach_mul_(grads, torch.clamp(most / (norm + 1e-6), max=1.0))


def adam(params, sparse):
    """Adam, or SparseAdam for parameters whose gradients are row-sparse. Epsilon is
    the book's, though PyTorch adds it to the corrected root."""
    rest = [p for p in params if not any(p is q for q in sparse)]
    chosen = []
    if sparse:
        chosen.append(torch.optim.SparseAdam(sparse, lr=1e-3, eps=1e-7))
    if rest:
        chosen.append(torch.optim.Adam(rest, lr=1e-3, eps=1e-7, fused=True))
    return chosen


def sgd(params):
    return [torch.optim.SGD(params, lr=20, fused=not SPARSE, foreach=False if SPARSE else None)]


def batches(name, count, shape, vocab, power, time_major=True):
    """count batches [N, ...], or [T, N] where time comes first."""
    x = on_device(rig.ids(name, (count, *shape), vocab, power))
    return [b.T.contiguous() if time_major else b for b in x]


def step(name):
    limit, state, carry = 0, None, False
    if name in ("cbow", "skipgram"):
        model = Word2vec(name == "skipgram")
        asked = 10 if name == "skipgram" else 1
        data = list(zip(
            batches("contexts", 32, (100, 10), 10000, 1, False),
            batches("targets", 32, (100,), 10000, 1, False),
            batches("negatives", 32, (100, 5 * asked), 10000, 0.75, False),
        ))
        params = list(model.parameters())
        optimisers = adam(params, params if SPARSE else [])
    elif name in ("rnnlm", "lstm", "better", "better-nodrop"):
        limit, carry = 0.25, True
        model = Better(0.5 if name == "better" else 0.0) if name.startswith("better") else Language("rnn" if name == "rnnlm" else "lstm")
        data = list(zip(batches("ids", 8, (20, 35), 10000, 1), batches("targets", 8, (20, 35), 10000, 1)))
        params = [p for p in model.parameters() if p.requires_grad]
        optimisers = sgd(params)
    elif name in ("seq2seq", "peeky", "attention"):
        limit = 5
        v, h, t, s = (59, 256, 29, 10) if name == "attention" else (13, 128, 7, 4)
        model = Answer(name, v, h)
        data = list(zip(
            batches("questions", 8, (128, t), v, 0),
            batches("given", 8, (128, s), v, 0),
            batches("wanted", 8, (128, s), v, 0),
        ))
        params = [p for p in model.parameters() if p.requires_grad]
        optimisers = adam(params, [model.read.weight, model.write.weight] if SPARSE else [])
    else:
        raise rig.Unknown
    forward = torch.compile(model) if VARIANT == "compiled" else model
    steps, last = 0, 0.0

    def run():
        nonlocal steps, last, state
        batch = data[steps % len(data)]
        if carry:
            loss, state = forward(*batch, state)
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        else:
            loss = forward(*batch)
        last = loss.item()
        loss.backward()
        if limit:
            clip(params, limit)
        for o in optimisers:
            o.step()
        for p in params:
            p.grad = None
        steps += 1

    return run, lambda: last


if __name__ == "__main__":
    rig.main(about, new, wait)
