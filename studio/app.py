"""The composition root: the one place that knows the concrete gallery, engine and window."""

from __future__ import annotations

from studio import paths
from studio.files.codec import PngCodec
from studio.gallery.store import Gallery


def open_gallery() -> Gallery:
    """The person's gallery.

    Raises:
        GalleryError: if its folder or database cannot be used.
    """
    return Gallery(paths.gallery(), PngCodec(), paths.cache() / "thumbnails")
