from __future__ import annotations

import gc

from studio.core.events import Signal, relay


class Owner:
    happened = Signal(int)


class Listener:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def hear(self, number: int) -> None:
        self.heard.append(number)


def test_listeners_hear_at_once_and_in_their_order() -> None:
    owner, order = Owner(), []
    owner.happened.connect(lambda number: order.append(("first", number)))
    owner.happened.connect(lambda number: order.append(("second", number)))
    owner.happened.emit(7)
    assert order == [("first", 7), ("second", 7)]


def test_listening_does_not_keep_the_listener_alive() -> None:
    owner, listener = Owner(), Listener()
    owner.happened.connect(listener.hear)
    owner.happened.emit(1)
    assert listener.heard == [1]
    del listener
    gc.collect()
    owner.happened.emit(2)
    assert len(owner.happened) == 0


def test_a_relay_passes_on_what_happens_and_nothing_else() -> None:
    first, second = Owner(), Owner()
    listener = Listener()
    second.happened.connect(listener.hear)
    relay(first.happened, second.happened)
    assert listener.heard == []
    first.happened.emit(3)
    first.happened.disconnect(second.happened.emit)
    first.happened.emit(4)
    assert listener.heard == [3]
