"""Pictures and recipes for tests, made from a seed."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from studio.core.picture import Mode, Picture
from studio.generation.recipe import Recipe
from studio.generation.request import TextToImage

CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def noise(width: int, height: int, mode: Mode = "RGB", seed: int = 0) -> Picture:
    """A picture of random pixels."""
    generator = np.random.default_rng(seed)
    shape = (height, width, CHANNELS[mode])
    return Picture.from_array(generator.integers(0, 256, shape, dtype=np.uint8))


def smooth(width: int, height: int, mode: Mode = "RGB") -> Picture:
    """Gradients, such as a lossy format keeps well."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, axis=0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, axis=1)
    planes = [x, y, 255 - x, y][: CHANNELS[mode]]
    return Picture.from_array(np.stack(planes, axis=2).astype(np.uint8))


def recipe(prompt: str = "a red circle", **changes: object) -> Recipe:
    """The recipe of a picture made from words."""
    request = TextToImage(model="starter", prompt=prompt, seed=7, width=64, height=48)
    return Recipe(request=request, **changes)  # type: ignore[arg-type]


@st.composite
def pictures(draw: st.DrawFn, modes: tuple[Mode, ...] = ("L", "RGB", "RGBA")) -> Picture:
    """Small pictures of any of these modes."""
    width, height = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    return noise(width, height, draw(st.sampled_from(modes)), draw(st.integers(0, 2**16)))


def file_content(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """A file with that image, as Pillow writes it."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()
