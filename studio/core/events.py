"""Toolkit-free events: what the core tells whoever listens.

A class declares an event with `Signal` and lists it, with its payload, in its docstring; the
listener calls ``owner.event.connect(callback)``. Callbacks run at once, in the thread that made
the change, in the order in which they were connected; bound methods are held weakly. The window
uses the same thread for everything, so it needs no locks.
"""

from __future__ import annotations

from psygnal import Signal, SignalInstance

__all__ = ["Signal", "SignalInstance", "relay"]


def relay(source: SignalInstance, target: SignalInstance) -> None:
    """From now on ``target`` emits whatever ``source`` does; undone by disconnecting its `emit`."""
    # To learn how many arguments a slot takes, psygnal would call `emit` with invented ones; and
    # compiled signals cannot be held weakly, which is no harm between parts of one whole.
    source.connect(target.emit, check_nargs=False, on_ref_error="ignore")
