"""OpenRaster documents (``.ora``): Sfumato's own file type, shared with Krita and MyPaint.

The layout is that of the OpenRaster baseline specification, version 0.0.6. What the format has no
words for goes into attributes of our namespace and a ``sfumato/`` folder, which other programs
ignore, and may lose without harm to the picture: the painted mask, the generation frame, the
canvas' origin, the selection, channels and guides; of layers their masks, clipping, finer locks,
texts and recipes. The pictures that other programs see have masks and clipping in their alpha,
while ours without them lie beside; a checksum tells whether another program painted on theirs,
which then counts.
"""

from studio.files.loaded import LoadedDocument
from studio.files.openraster.reading import load_openraster, read_openraster
from studio.files.openraster.writing import encode_openraster, save_openraster

__all__ = [
    "LoadedDocument",
    "encode_openraster",
    "load_openraster",
    "read_openraster",
    "save_openraster",
]
