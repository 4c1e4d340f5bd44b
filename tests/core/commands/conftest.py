"""Text is drawn while a QGuiApplication runs, which needs no display."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
