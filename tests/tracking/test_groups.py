"""What the writer's process makes of what comes over its line: one group of all that has come."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from privacy_portal.line import framed
from privacy_portal.tracking.store.frames import groups
from privacy_portal.tracking.store.row import Request
from tests.tracking.bare_request import request


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def names(group: list[Request]) -> list[str]:
    return [one.event_id for one in group]


def test_all_that_has_come_is_one_group_and_a_frame_that_is_not_whole_is_waited_for(
    line: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = line
    arriving = groups(theirs)
    third = framed([request("c")])
    ours.sendall(framed([request("a")]) + framed([request("b1"), request("b2")]) + third[:7])
    assert names(next(arriving)) == ["a", "b1", "b2"]
    ours.sendall(third[7:] + framed([request("d")]))
    assert names(next(arriving)) == ["c", "d"]


def test_what_comes_while_a_group_is_written_is_the_next_one(line: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = line
    arriving = groups(theirs)
    ours.sendall(framed([request("a")]))
    assert names(next(arriving)) == ["a"]
    for name in "bcd":
        ours.sendall(framed([request(name)]))
    assert names(next(arriving)) == ["b", "c", "d"]


def test_a_question_whether_anybody_is_there_is_a_group_of_nothing(line: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = line
    arriving = groups(theirs)
    ours.sendall(framed([]))
    assert names(next(arriving)) == []
    ours.sendall(framed([]) + framed([request("a")]))
    assert names(next(arriving)) == ["a"]


def test_it_ends_when_the_other_side_hangs_up_and_what_was_not_whole_is_nobodys(
    line: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = line
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: [names(group) for group in groups(theirs)])
        ours.sendall(framed([request("a")]) + framed([request("b")])[:9])
        ours.shutdown(socket.SHUT_WR)
        assert found.result(10) == [["a"]]
