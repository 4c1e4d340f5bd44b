"""What a pointer did, free of any toolkit."""

from __future__ import annotations

import enum

import msgspec


class Button(enum.Enum):
    """The button that was pressed or released; NONE for moves."""

    NONE = enum.auto()
    LEFT = enum.auto()
    MIDDLE = enum.auto()
    RIGHT = enum.auto()


class Modifiers(enum.Flag):
    """The keys that are held."""

    NONE = 0
    SHIFT = enum.auto()
    CONTROL = enum.auto()
    ALT = enum.auto()


class Key(enum.Enum):
    """A key that means something to a tool in the middle of its work."""

    ENTER = enum.auto()
    BACKSPACE = enum.auto()
    LEFT = enum.auto()
    RIGHT = enum.auto()
    UP = enum.auto()
    DOWN = enum.auto()


class PointerEvent(msgspec.Struct, frozen=True):
    """Where the pointer is and what is held.

    Attributes:
        x, y: on the canvas; whole numbers are the corners of pixels.
        pressure: of the pen, 0 to 1; 1 for a mouse.
        button: which one, for presses and releases.
        modifiers: keys that are held.
        zoom: screen pixels per canvas pixel, so that handles have one size on screen.
        tilt_x, tilt_y: how far the pen leans to the right and towards the person, in degrees,
            -60 to 60; 0 for a mouse.
        time: when it happened, in seconds from some moment on.
    """

    x: float
    y: float
    pressure: float = 1.0
    button: Button = Button.NONE
    modifiers: Modifiers = Modifiers.NONE
    zoom: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    time: float = 0.0
