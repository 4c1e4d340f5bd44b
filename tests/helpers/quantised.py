"""Files of quantised weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gguf
import torch


def save_gguf(
    tensors: Mapping[str, torch.Tensor], file: Path, precise: str = "\n"
) -> dict[str, torch.Tensor]:
    """Writes tensors, those that are matrices in 8 bits.

    Args:
        tensors: by their names.
        file: to be written.
        precise: stands in the names of those that keep all their bits.

    Returns:
        What they are after rounding.
    """
    kind, rounded = gguf.GGMLQuantizationType.Q8_0, {}
    writer = gguf.GGUFWriter(file, "any")
    for name, tensor in tensors.items():
        values = tensor.numpy()
        if values.ndim == 2 and values.shape[1] % 32 == 0 and precise not in name:
            quantised = gguf.quants.quantize(values, kind)
            writer.add_tensor(name, quantised, raw_dtype=kind)
            values = gguf.quants.dequantize(quantised, kind)
        else:
            writer.add_tensor(name, values)
        rounded[name] = torch.from_numpy(values.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return rounded
