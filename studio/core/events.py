"""Toolkit-free events: what the core tells whoever listens.

A class declares an event with `Signal` and lists it, with its payload, in its docstring; the
listener calls ``owner.event.connect(callback)``. Callbacks run at once, in the thread that made
the change, in the order in which they were connected; bound methods are held weakly. The window
uses the same thread for everything, so it needs no locks.
"""

from __future__ import annotations

from psygnal import EmitLoopError, Signal, SignalInstance

__all__ = ["EmitLoopError", "Signal", "SignalInstance"]
