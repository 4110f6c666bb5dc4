"""Writes reference.safetensors with the reference implementation.

    pip install safetensors==0.8.0 numpy
    python make_reference.py

The test reads it, compares every value, and writes it again byte for byte.
"""

import numpy as np
from safetensors import TensorSpec, serialize_file

arrays = {
    "f64": np.array(1 / 3),
    "i64": np.array([-(2**40) - 1, 2**24 + 1, 7], np.int64),
    "f32": np.array([[1.5, -2.25, 0.1], [np.inf, -0.0, 1e-40]], np.float32),
    "i32": np.array([-5, 2**31 - 1], np.int32),
    "f16": np.array([1.5, -65504, 2**-24], np.float16),
    "u8": np.array([0, 255, 7], np.uint8),
    "bool": np.array([True, False]),
    "empty": np.zeros((0, 4), np.float32),
    'name with "quotes", <&> and 漢字': np.array([1], np.float32),
}
specs = {
    name: TensorSpec(dtype=a.dtype.name, shape=list(a.shape), data_ptr=a.ctypes.data, data_len=a.nbytes)
    for name, a in arrays.items()
}
# numpy has no bfloat16: 1, -2, 3.140625 by their bits.
bf16 = np.array([0x3F80, 0xC000, 0x4049], np.uint16)
specs["bf16"] = TensorSpec(dtype="bfloat16", shape=[3, 1], data_ptr=bf16.ctypes.data, data_len=bf16.nbytes)

# One key: the reference implementation writes several in random order.
serialize_file(specs, "reference.safetensors", metadata={"config": '{"hidden": 256, "note": "<é>"}'})
