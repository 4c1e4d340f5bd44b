"""Shows sRGB pictures as a screen of other colours needs them."""

from __future__ import annotations

from PySide6.QtGui import QColorSpace, QColorTransform, QImage

SRGB = QColorSpace(QColorSpace.NamedColorSpace.SRgb)


class ScreenColours:
    """Takes the picture's colours to a screen's.

    Args:
        profile: of the screen; pictures stay as they are where it is sRGB or not known.
    """

    def __init__(self, profile: QColorSpace = SRGB) -> None:
        self._transform: QColorTransform | None = None
        if profile.isValid() and profile != SRGB:
            self._transform = SRGB.transformationToColorSpace(profile)

    @property
    def changes_nothing(self) -> bool:
        """Whether pictures are shown as they are."""
        return self._transform is None

    def shown(self, image: QImage) -> QImage:
        """The image in the screen's colours: a copy, or itself where nothing changes."""
        if self._transform is None:
            return image
        return image.colorTransformed(self._transform)
