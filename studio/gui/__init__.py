"""Everything of QtWidgets.

PySide6 puts an import of its own in Python's place, to serve ``from __feature__ import``. Nothing
here uses that, and it reads the source of every module that is imported from then on, which took a
tenth of the start: the import before it is put back.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401  puts its import in place

builtins.__import__ = vars(builtins).get("__orig_import__", builtins.__import__)
