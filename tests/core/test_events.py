from __future__ import annotations

import gc
from functools import partial

import pytest

from studio.core.errors import KnownError
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


def test_listeners_are_told_as_much_as_they_take() -> None:
    owner = Owner()
    heard: list[object] = []
    owner.happened.connect(lambda: heard.append("nothing"))
    owner.happened.connect(lambda number, other=2: heard.append((number, other)))
    owner.happened.connect(partial(heard.append))
    owner.happened.emit(1)
    assert heard == ["nothing", (1, 2), 1]


def test_who_needs_more_than_is_told_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 2"):
        Owner().happened.connect(lambda number, other: None)


def test_what_a_listener_sets_off_is_told_once_all_have_heard_the_first() -> None:
    owner, order = Owner(), []

    def count_down(number: int) -> None:
        order.append(("first", number))
        if number:
            owner.happened.emit(number - 1)

    owner.happened.connect(count_down)
    owner.happened.connect(lambda number: order.append(("second", number)))
    owner.happened.emit(1)
    assert order == [("first", 1), ("second", 1), ("first", 0), ("second", 0)]


def test_an_error_of_a_listener_goes_to_whoever_emitted_and_does_not_linger() -> None:
    owner = Owner()
    heard: list[object] = []

    def refuse(number: int) -> None:
        if number < 0:
            raise KnownError("Not below 0.")

    owner.happened.connect(refuse)
    owner.happened.connect(heard.append)
    with pytest.raises(KnownError, match="Not below 0"):
        owner.happened.emit(-1)
    owner.happened.emit(1)
    assert heard == [1]


def test_only_the_one_that_is_disconnected_hears_no_more() -> None:
    owner, other = Owner(), Listener()
    listener = Listener()
    for each in (listener, other):
        owner.happened.connect(each.hear)
    owner.happened.disconnect(listener.hear)
    owner.happened.disconnect(listener.hear)
    owner.happened.emit(5)
    assert (listener.heard, other.heard) == ([], [5])


def test_objects_of_a_class_do_not_hear_each_other() -> None:
    first, second = Owner(), Owner()
    first.happened.connect(lambda: pytest.fail("the other one's event"))
    second.happened.emit(1)
