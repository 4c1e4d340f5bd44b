"""Starts the command line: ``python -m studio`` is ``sfumato``."""

from __future__ import annotations

import gc
import sys

# What is read in stays: looking through it for what does not would take a fortieth of the start.
gc.disable()
from studio.cli.main import main  # noqa: E402

gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
