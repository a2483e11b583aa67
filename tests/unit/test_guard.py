"""The guard of the unit tests, on itself."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

WAYS_OUT: dict[str, Callable[[], object]] = {
    "subprocess.Popen": lambda: subprocess.run([sys.executable, "--version"], check=True),
    "os.posix_spawn": lambda: os.posix_spawn(sys.executable, ["python", "--version"], {}),
    "os.system": lambda: os.system("true"),
    "os.fork": os.fork,
    "socket.connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
    "socket.bind": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "socket.getaddrinfo": lambda: socket.create_connection(("localhost", 9)),
}


@pytest.mark.parametrize("event", WAYS_OUT)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_unit_test_cannot_go_out_and_cannot_hide_that_it_tried(event: str, went_out: list[str]) -> None:
    with pytest.raises(BaseException, match=event), contextlib.suppress(Exception):
        WAYS_OUT[event]()

    assert len(went_out) == 1
    assert event in went_out.pop()
