"""MyPaint's brush library, where Debian's package of it is installed: something to compare with."""

from __future__ import annotations

import ctypes
import ctypes.util
import math

_SETTINGS = {"hardness": 0.1, "dabs_per_actual_radius": 4.0, "dabs_per_basic_radius": 0.0}


class MyPaintStroke:
    """A stroke of a soft brush with MyPaint's own library, on a surface of its own.

    Args:
        side: of the surface.
        size: diameter of the brush.

    Raises:
        OSError: if the library is not there.
    """

    def __init__(self, side: int, size: float) -> None:
        self._library = library = _load()
        self._tiles = library.mypaint_fixed_tiled_surface_new(side, side)
        self._surface = library.mypaint_fixed_tiled_surface_interface(self._tiles)
        self._brush = library.mypaint_brush_new()
        library.mypaint_brush_from_defaults(self._brush)
        self._set("radius_logarithmic", math.log(size / 2))
        for name, value in _SETTINGS.items():
            self._set(name, value)
        library.mypaint_brush_new_stroke(self._brush)

    def to(self, x: float, y: float, seconds: float) -> None:
        """The pen moves there in so much time."""
        library = self._library
        library.mypaint_surface_begin_atomic(self._surface)
        library.mypaint_brush_stroke_to(
            self._brush, self._surface, x, y, 1.0, 0.0, 0.0, ctypes.c_double(seconds)
        )
        library.mypaint_surface_end_atomic(self._surface, None)

    def close(self) -> None:
        """Gives everything back."""
        self._library.mypaint_brush_unref(self._brush)
        self._library.mypaint_surface_unref(self._surface)

    def _set(self, name: str, value: float) -> None:
        setting = self._library.mypaint_brush_setting_from_cname(name.encode())
        self._library.mypaint_brush_set_base_value(self._brush, setting, value)


def _load() -> ctypes.CDLL:
    path = ctypes.util.find_library("mypaint-1.5") or ctypes.util.find_library("mypaint")
    if path is None:
        raise OSError("libmypaint is not installed")
    library = ctypes.CDLL(path)
    pointer, number = ctypes.c_void_p, ctypes.c_float
    signatures = {
        "mypaint_fixed_tiled_surface_new": (pointer, ctypes.c_int, ctypes.c_int),
        "mypaint_fixed_tiled_surface_interface": (pointer, pointer),
        "mypaint_brush_new": (pointer,),
        "mypaint_brush_from_defaults": (None, pointer),
        "mypaint_brush_new_stroke": (None, pointer),
        "mypaint_brush_setting_from_cname": (ctypes.c_int, ctypes.c_char_p),
        "mypaint_brush_set_base_value": (None, pointer, ctypes.c_int, number),
        "mypaint_brush_stroke_to": (
            *(ctypes.c_int, pointer, pointer),
            *(number, number, number, number, number, ctypes.c_double),
        ),
        "mypaint_surface_begin_atomic": (None, pointer),
        "mypaint_surface_end_atomic": (None, pointer, pointer),
        "mypaint_brush_unref": (None, pointer),
        "mypaint_surface_unref": (None, pointer),
    }
    for name, (result, *arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
