"""Starts the command line: ``python -m studio`` is ``sfumato``."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line and returns its exit code; Ctrl+C is obeyed from the first moment."""
    try:
        from studio.cli.main import main as run
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
