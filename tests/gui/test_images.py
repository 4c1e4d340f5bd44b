from __future__ import annotations

import numpy as np
from hypothesis import given
from PySide6.QtGui import QImage

from studio.core.picture import Picture
from studio.gui.images import to_image, to_mask_image, to_picture
from tests.helpers.pictures import noise, pictures


@given(pictures(("L", "RGB")))
def test_opaque_pictures_come_back_exactly(picture: Picture) -> None:
    back = to_picture(to_image(picture))
    assert np.array_equal(back.array(), picture.rgba())


@given(pictures(("RGBA",)))
def test_transparent_pixels_keep_their_alpha(picture: Picture) -> None:
    back = to_picture(to_image(picture)).array()
    assert np.array_equal(back[..., 3], picture.array()[..., 3])


def test_an_image_outlives_its_picture() -> None:
    image = to_image(noise(5, 3))
    mask = to_mask_image(noise(5, 3, "L"))
    assert (image.width(), image.height()) == (5, 3)
    assert mask.format() == QImage.Format.Format_Grayscale8
    assert mask.pixelColor(4, 2).red() == int(noise(5, 3, "L").array()[2, 4])
