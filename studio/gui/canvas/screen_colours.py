"""Shows sRGB pictures as a screen of other colours needs them."""

from __future__ import annotations

from PySide6.QtGui import QColorSpace, QColorTransform, QImage
from PySide6.QtWidgets import QWidget

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


def profile_of(widget: QWidget) -> QColorSpace:
    """What Qt knows of the colours that a widget's window is shown in; sRGB where it is nothing."""
    handle = widget.window().windowHandle()
    profile = QColorSpace() if handle is None else handle.format().colorSpace()
    return profile if profile.isValid() else SRGB
