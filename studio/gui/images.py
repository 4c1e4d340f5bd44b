"""Pictures as Qt's images, for drawing; cheap enough for any thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core.picture import Picture

_FORMATS = {
    "L": (QImage.Format.Format_Grayscale8, 1),
    "RGB": (QImage.Format.Format_RGB888, 3),
    "RGBA": (QImage.Format.Format_RGBA8888, 4),
}


def to_image(picture: Picture) -> QImage:
    """A copy in the format that Qt draws fastest; may be called on any thread."""
    form, channels = _FORMATS[picture.mode]
    image = QImage(picture.data, picture.width, picture.height, picture.width * channels, form)
    fast = (
        QImage.Format.Format_ARGB32_Premultiplied
        if picture.mode == "RGBA"
        else QImage.Format.Format_RGB32
    )
    return image.convertToFormat(fast)


def to_mask_image(mask: Picture) -> QImage:
    """A mask as a greyscale image."""
    return QImage(
        mask.data, mask.width, mask.height, mask.width, QImage.Format.Format_Grayscale8
    ).copy()


def to_picture(image: QImage) -> Picture:
    """The pixels of an image as an RGBA picture with straight alpha."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8)
    rows = rows.reshape(plain.height(), plain.bytesPerLine())[:, : plain.width() * 4]
    return Picture.from_array(rows.reshape(plain.height(), plain.width(), 4))
