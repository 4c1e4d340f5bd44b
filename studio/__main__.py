"""Starts the command line: ``python -m studio`` is ``sfumato``."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Runs the command line and returns its exit code; Ctrl+C is obeyed from the first moment."""
    # What is read in stays: looking through it for what does not would be a fortieth of the start.
    gc.disable()
    try:
        from studio.cli.main import main as run
    except KeyboardInterrupt:
        return 130
    finally:
        gc.enable()
    return run()


if __name__ == "__main__":
    sys.exit(main())
