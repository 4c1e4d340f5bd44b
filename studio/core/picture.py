"""An immutable block of pixels that may cross threads, processes and sockets."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from studio.core.errors import PictureError
from studio.core.geometry import Extent

Mode = Literal["L", "RGB", "RGBA"]
_CHANNELS: dict[Mode, int] = {"L": 1, "RGB": 3, "RGBA": 4}
_MODES: dict[int, Mode] = {1: "L", 3: "RGB", 4: "RGBA"}

Pixels = npt.NDArray[np.uint8]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """8-bit sRGB pixels, row by row without padding; alpha is straight, not premultiplied.

    Attributes:
        width, height: in pixels, at least 1.
        mode: ``L`` (masks: 255 = selected), ``RGB`` or ``RGBA``.
        data: ``width * height * channels`` bytes.

    Raises:
        PictureError: if the bytes do not fit the size.
    """

    width: int
    height: int
    mode: Mode
    data: bytes

    def __post_init__(self) -> None:
        expected = self.width * self.height * _CHANNELS[self.mode]
        if self.width < 1 or self.height < 1 or len(self.data) != expected:
            raise PictureError(
                f"A {self.mode} picture of {self.width}x{self.height} needs {expected} bytes, "
                f"not {len(self.data)}."
            )

    @classmethod
    def from_array(cls, pixels: Pixels) -> Picture:
        """Copies ``(height, width)`` or ``(height, width, 1 | 3 | 4)`` uint8 pixels."""
        channels = 1 if pixels.ndim == 2 else pixels.shape[2]
        return cls(
            width=pixels.shape[1],
            height=pixels.shape[0],
            mode=_MODES[channels],
            data=np.ascontiguousarray(pixels, dtype=np.uint8).tobytes(),
        )

    @property
    def extent(self) -> Extent:
        """Width and height in pixels."""
        return Extent(self.width, self.height)

    @property
    def digest(self) -> str:
        """SHA-256 over size, mode and pixels, in hexadecimal: the picture's name by content."""
        import hashlib  # brings OpenSSL along, which the window begins without

        head = f"{self.mode} {self.width}x{self.height}\n".encode()
        return hashlib.sha256(head + self.data).hexdigest()

    def array(self) -> Pixels:
        """A read-only view: ``(height, width)`` for ``L``, else ``(height, width, channels)``."""
        flat = np.frombuffer(self.data, dtype=np.uint8)
        if self.mode == "L":
            return flat.reshape(self.height, self.width)
        return flat.reshape(self.height, self.width, _CHANNELS[self.mode])

    def rgb(self) -> Pixels:
        """``(height, width, 3)`` pixels; alpha is dropped, grey is repeated."""
        pixels = self.array()
        return np.repeat(pixels[..., None], 3, axis=2) if self.mode == "L" else pixels[..., :3]

    def rgba(self) -> Pixels:
        """``(height, width, 4)`` pixels with straight alpha, 255 where there was none."""
        if self.mode == "RGBA":
            return self.array()
        opaque = np.full((self.height, self.width, 1), 255, dtype=np.uint8)
        return np.concatenate([self.rgb(), opaque], axis=2)
