"""A colour to paint with."""

from __future__ import annotations

from typing import NamedTuple


class Colour(NamedTuple):
    """8-bit sRGB components, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """As in ``#3fa2c8``."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def brightness(self) -> int:
        """How bright it looks beside others, 0 to 255."""
        return round(0.299 * self.red + 0.587 * self.green + 0.114 * self.blue)

    @classmethod
    def from_hex(cls, text: str) -> Colour:
        """The inverse of `hex`; the leading ``#`` may be left out.

        Raises:
            ValueError: if these are not six hexadecimal digits.

        >>> Colour.from_hex("#3fa2c8").green
        162
        """
        digits = text.removeprefix("#")
        if len(digits) != 6:
            raise ValueError(f"{text!r} is not a colour like #3fa2c8")
        return cls(*bytes.fromhex(digits))


BLACK = Colour(0, 0, 0)
WHITE = Colour(255, 255, 255)
