"""What libraries raise for files that are not what they should be."""

from __future__ import annotations

from typing import Final

from diffusers.loaders.single_file_utils import SingleFileComponentError
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError

UNREADABLE: Final = (
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    TypeError,
    SafetensorError,
    SingleFileComponentError,
    StrictDataclassError,
)
"""They believe what a configuration says until they calculate with it."""
