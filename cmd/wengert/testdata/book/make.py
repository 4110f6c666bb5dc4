"""Writes the losses of the book's code, step by step, to losses.json.

    python3 make.py FOLDER

FOLDER is a copy of github.com/oreilly-japan/deep-learning-from-scratch-2. Needs NumPy and
matplotlib. text.txt, additions.txt and dates.txt are artificial.
"""

import contextlib
import io
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.abspath(sys.argv[1])
os.chdir(os.path.join(root, "ch04"))
for folder in ["ch01", "ch03", "ch04", "ch05", "ch06", "ch07", "ch08", ""]:
    sys.path.append(os.path.join(root, folder))

import matplotlib

matplotlib.use("Agg")
import numpy as np

np.int = int  # gone from NumPy

import common.trainer
from attention_seq2seq import AttentionSeq2seq
from better_rnnlm import BetterRnnlm
from cbow import CBOW
from common.optimizer import SGD, Adam
from common.util import convert_one_hot, create_contexts_target, preprocess
from dataset import sequence, spiral
from peeky_seq2seq import PeekySeq2seq
from rnnlm import Rnnlm
from seq2seq import Seq2seq
from simple_cbow import SimpleCBOW
from simple_rnnlm import SimpleRnnlm
from simple_skip_gram import SimpleSkipGram
from skip_gram import SkipGram
from two_layer_net import TwoLayerNet

STEPS = 30
losses = {}


class Enough(Exception):
    pass


def record(name, model, fit):
    """Runs fit and keeps the losses of the first steps."""
    kept = losses[name] = []
    forward = model.forward

    def listening(*args, **kwargs):
        if len(kept) == STEPS:
            raise Enough
        loss = forward(*args, **kwargs)
        kept.append(float(loss))
        return loss

    model.forward = listening
    with contextlib.suppress(Enough), contextlib.redirect_stdout(io.StringIO()):
        fit()


# Chapter 1
x, t = spiral.load_data()
model = TwoLayerNet(input_size=2, hidden_size=10, output_size=3)
record("spiral", model, lambda: common.trainer.Trainer(model, SGD(lr=1.0)).fit(x, t, 300, 30))

# Chapter 3
corpus, word_to_id, _ = preprocess("You say goodbye and I say hello.")
contexts, target = create_contexts_target(corpus, 1)
contexts, target = convert_one_hot(contexts, 7), convert_one_hot(target, 7)
for name, make in [("simple-cbow", SimpleCBOW), ("simple-skipgram", SimpleSkipGram)]:
    np.random.seed(7)
    model = make(7, 5)
    record(name, model, lambda: common.trainer.Trainer(model, Adam()).fit(contexts, target, 1000, 3))

# Chapters 4 to 6
words = open(os.path.join(here, "text.txt")).read().replace("\n", " <eos> ").split()
ids = {}
corpus = np.array([ids.setdefault(word, len(ids)) for word in words])
V = len(ids)
contexts, target = create_contexts_target(corpus, 2)
for name, make in [("cbow", CBOW), ("skipgram", SkipGram)]:
    np.random.seed(7)
    model = make(V, 20, 2, corpus)
    record(name, model, lambda: common.trainer.Trainer(model, Adam()).fit(contexts, target, 10, 50))
for name, make in [
    ("rnnlm-rnn", lambda: SimpleRnnlm(V, 20, 20)),
    ("rnnlm-lstm", lambda: Rnnlm(V, 20, 20)),
    ("better-rnnlm", lambda: BetterRnnlm(V, 20, 20, dropout_ratio=0.0)),
]:
    np.random.seed(7)
    model = make()
    trainer = common.trainer.RnnlmTrainer(model, SGD(2.0))
    record(name, model, lambda: trainer.fit(corpus[:-1], corpus[1:], 4, 10, 5, max_grad=0.25))

# Chapters 7 and 8
for name, file, make, hidden, flip in [
    ("addition-seq2seq", "additions.txt", Seq2seq, 24, False),
    ("addition-peeky", "additions.txt", PeekySeq2seq, 24, True),
    ("date-attention", "dates.txt", AttentionSeq2seq, 24, True),
]:
    sequence.char_to_id.clear()
    sequence.id_to_char.clear()
    (x, t), _ = sequence.load_data(os.path.relpath(os.path.join(here, file), os.path.join(root, "dataset")))
    if flip:
        x = x[:, ::-1]
    model = make(len(sequence.char_to_id), 16, hidden)
    record(name, model, lambda: common.trainer.Trainer(model, Adam()).fit(x, t, 10, 20, max_grad=5.0))

with open(os.path.join(here, "losses.json"), "w") as f:
    json.dump(losses, f, indent=1)
