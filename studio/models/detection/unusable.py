"""What a file holds that Sfumato knows but cannot use."""

from __future__ import annotations


class UnusableError(Exception):
    """The tensors are recognised and of no use here; the text completes "It is ..."."""
