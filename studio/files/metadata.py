"""Where each file format keeps a recipe: PNG in text chunks, the others in XMP and EXIF."""

from __future__ import annotations

import html
import re

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio.files.recipe import (
    KEYWORD,
    PARAMETERS_KEYWORD,
    recipe_from_json,
    recipe_to_json,
    recipe_to_parameters,
)
from studio.generation.recipe import Recipe

SEGMENT_LIMIT = 65_000
"""Bytes that XMP or EXIF may have in a JPEG file; what is longer is left out there."""

_EXIF_FOLDER = 0x8769
_USER_COMMENT = 0x9286
_SOFTWARE = 0x0131
_UNICODE = b"UNICODE\0"
_RELATIVE_COLORIMETRIC = 1
_XMP_TAG = 700
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:sfumato="urn:sfumato:recipe:1">
   <xmp:CreatorTool>{software}</xmp:CreatorTool>
   <sfumato:recipe>{recipe}</sfumato:recipe>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_IN_XMP = re.compile(rb"<sfumato:recipe>(.*?)</sfumato:recipe>", re.DOTALL)


def png_text(recipe: Recipe | None) -> PngInfo:
    """The text chunks of a PNG file, and the one that says that its pixels are sRGB."""
    text = PngInfo()
    text.add(b"sRGB", bytes([_RELATIVE_COLORIMETRIC]))
    if recipe is not None:
        text.add_itxt(PARAMETERS_KEYWORD, recipe_to_parameters(recipe))
        text.add_itxt(KEYWORD, recipe_to_json(recipe))
        text.add_text("Software", recipe.software)
    return text


def xmp_packet(recipe: Recipe) -> bytes:
    """An XMP packet that holds our own JSON."""
    packet = _XMP.format(
        software=html.escape(recipe.software), recipe=html.escape(recipe_to_json(recipe))
    )
    return packet.encode()


def exif(recipe: Recipe) -> Image.Exif:
    """EXIF whose user comment is the recipe as A1111 writes it there."""
    tags = Image.Exif()
    tags[_SOFTWARE] = recipe.software
    comment = _UNICODE + recipe_to_parameters(recipe).encode("utf-16-be")
    tags[_EXIF_FOLDER] = {_USER_COMMENT: comment}
    return tags


def recipe_in(image: Image.Image) -> Recipe | None:
    """The recipe in an opened image's metadata; None where there is none that can be read."""
    text = image.info.get(KEYWORD)
    if isinstance(text, str):
        return recipe_from_json(text)
    packet = image.info.get("xmp") or _tiff_xmp(image)
    found = _IN_XMP.search(packet) if isinstance(packet, bytes) else None
    return recipe_from_json(html.unescape(found[1].decode("utf-8", "replace"))) if found else None


def _tiff_xmp(image: Image.Image) -> object:
    tags = getattr(image, "tag_v2", None)
    return None if tags is None else tags.get(_XMP_TAG)
