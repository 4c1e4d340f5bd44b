"""Tiles made small for the disk, quickly enough to keep up with a hand that paints."""

from __future__ import annotations

import lz4.block
import numpy as np

from studio.core.picture import Pixels


def pack(pixels: Pixels) -> bytes:
    """The bytes of C-contiguous pixels, compressed; the shape is for the caller to remember."""
    packed: bytes = lz4.block.compress(pixels.tobytes(), store_size=False)
    return packed


def unpack(packed: bytes | memoryview, shape: tuple[int, ...]) -> Pixels:
    """The pixels of that shape, read-only.

    Raises:
        ValueError: if these are not the bytes of such pixels.
    """
    size = int(np.prod(shape))
    try:
        plain = lz4.block.decompress(packed, uncompressed_size=size)
        return np.frombuffer(plain, dtype=np.uint8).reshape(shape)
    except lz4.block.LZ4BlockError as error:
        raise ValueError(f"Packed pixels are damaged: {error}") from error
