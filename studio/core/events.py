"""Toolkit-free events: what the core tells whoever listens.

A class declares an event with `Signal` and lists it, with its payload, in its docstring; the
listener calls ``owner.event.connect(callback)``. Callbacks run at once, in the thread that made
the change, in the order in which they were connected; bound methods are held weakly. The window
uses the same thread for everything; where others emit too, one waits for the other.
"""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Callable
from types import MethodType
from typing import Any, TypeAlias, overload
from weakref import WeakMethod

Callback: TypeAlias = Callable[..., object]


class Signal:
    """Declares an event of a class; each of its objects has a `SignalInstance` by that name.

    >>> class Lamp:
    ...     switched = Signal(bool)
    >>> lamp = Lamp()
    >>> lamp.switched.connect(lambda on: print("on" if on else "off"))
    >>> lamp.switched.emit(True)
    on

    Args:
        payload: the types of what listeners are told.
    """

    def __init__(self, *payload: object) -> None:
        self._offered = len(payload)
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Signal: ...

    @overload
    def __get__(self, instance: object, owner: type) -> SignalInstance: ...

    def __get__(self, instance: object | None, owner: type) -> Signal | SignalInstance:
        if instance is None:
            return self
        # From now on Python finds it there first, without asking here.
        event = vars(instance)[self._name] = SignalInstance(self._offered)
        return event


class SignalInstance:
    """An event of one object, and who listens to it.

    Args:
        offered: how many arguments listeners are told.
    """

    def __init__(self, offered: int) -> None:
        self._offered = offered
        self._listeners: list[_Listener] = []
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """How many listen."""
        return sum(listener.callback() is not None for listener in self._listeners)

    def connect(self, callback: Callback) -> None:
        """Calls ``callback`` from now on, with as many of the arguments as it takes.

        Functions and bound methods of compiled code are held, methods of Python are not.

        Raises:
            ValueError: if it needs more than there are.
        """
        self._listeners.append(_Listener(callback, self._offered))

    def disconnect(self, callback: Callback) -> None:
        """Calls ``callback`` no longer; nothing happens where it was not connected."""
        for listener in self._listeners:
            if listener.callback() == callback:
                self._listeners.remove(listener)
                return

    def emit(self, *payload: Any) -> None:
        """Tells everybody.

        What a listener makes this event emit meanwhile is told once all have heard the first. An
        exception of a listener goes to whoever emitted, and nobody else is told.
        """
        with self._lock:
            self._waiting.append(payload)
            if len(self._waiting) > 1:
                return
            try:
                while self._waiting:
                    self._tell(self._waiting[0])
                    self._waiting.popleft()
            finally:
                self._waiting.clear()

    def _tell(self, payload: tuple[Any, ...]) -> None:
        for listener in tuple(self._listeners):
            callback = listener.callback()
            if callback is not None:
                callback(*payload[: listener.taken])
            elif listener in self._listeners:
                self._listeners.remove(listener)


class _Listener:
    """Who is told.

    Attributes:
        callback: gives it; None once it is gone.
        taken: how many arguments it is told at most.
    """

    __slots__ = ("callback", "taken")

    def __init__(self, callback: Callback, offered: int) -> None:
        is_method = isinstance(callback, MethodType)
        self.callback: Callable[[], Callback | None]
        self.callback = WeakMethod(callback) if is_method else lambda: callback
        self.taken = _taken(callback, offered)


def _taken(callback: Callback, offered: int) -> int:
    """How many of the arguments that are offered a callback takes.

    What is no function or method of Python, such as a ``partial``, does not say and takes all.

    Raises:
        ValueError: if it needs more.
    """
    code = getattr(callback, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS:
        return offered
    most = code.co_argcount - isinstance(callback, MethodType)
    least = most - len(getattr(callback, "__defaults__", None) or ())
    if least > offered:
        raise ValueError(f"{callback} needs {least} arguments, and the event tells {offered}.")
    return int(min(most, offered))


def relay(source: SignalInstance, target: SignalInstance) -> None:
    """From now on ``target`` emits whatever ``source`` does; undone by disconnecting its `emit`."""
    source.connect(target.emit)
