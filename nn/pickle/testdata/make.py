"""Writes the golden files of package pickle with NumPy. Run in this folder."""

import pickle

import numpy as np

rng = np.arange(12, dtype=np.float32).reshape(3, 4) / 8 - 0.5
params = [rng.astype(np.float16), rng.T.astype(np.float16), np.asfortranarray(rng), rng[0].astype(np.float64), np.zeros((0, 3), np.float32), np.array(2.5), rng.astype(">f4")]
words = {
    "word_vecs": rng.astype(np.float16),
    "word_to_id": {"you": 0, "say": 1, "größe": 2},
    "id_to_word": {0: "you", 1: "say", 2: "größe"},
    "other": [None, True, False, -1, 300, 70000, 2**40, -(2**40), 0.25, "x", b"\x00\xff", (1, 2), (1, 2, 3, 4), np.int64(7), np.float32(0.5)],
}
for protocol in range(2, 6):
    with open(f"params{protocol}.pkl", "wb") as f:
        pickle.dump(params, f, protocol)
    with open(f"words{protocol}.pkl", "wb") as f:
        pickle.dump(words, f, protocol)


class Evil:
    def __reduce__(self):
        return (print, ("called",))


with open("evil.pkl", "wb") as f:
    pickle.dump([Evil()], f, 3)
