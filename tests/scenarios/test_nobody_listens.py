"""Whoever reads the output stops, closes it or has no space: a run ends as it would, a lost answer is an error."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.sampling import sampled
from tests.support.place import Place, Stage

QUERIES = ("version", "version --why", "changelog", "changelog --all --json", "config show", "status", "--help")
LOST = "error: the answer could not be written"


@contextmanager
def nobody() -> Iterator[int]:
    """A pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def ended(place: Place, words: str, stdout: int) -> tuple[int, str]:
    argv = [sys.executable, "-m", "shipit", *words.split()]
    ran = subprocess.run(
        argv, cwd=place.clone, env=place.environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stderr


def closed(place: Place, words: str, stream: int) -> int:
    """Started as `shipit … >&-` starts it."""
    argv = ["sh", "-c", f'exec "$@" {stream}>&-', "sh", sys.executable, "-m", "shipit", *words.split()]
    return subprocess.run(argv, cwd=place.clone, env=place.environment, capture_output=True, check=False).returncode


@pytest.fixture(scope="module")
def asked(theatre: Stage) -> Iterator[Place]:
    """For those who only ask."""
    place = theatre.place()
    yield place
    theatre.clear(place)


@pytest.mark.parametrize("words", QUERIES)
def test_a_lost_answer_is_an_error_unless_nobody_wants_it(asked: Place, words: str) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        code, said = ended(asked, words, full)
    finally:
        os.close(full)
    assert code == 4
    assert LOST in said
    assert "No space left on device" in said
    with nobody() as writer:
        assert ended(asked, words, writer) == (0, "")
    assert [closed(asked, words, stream) for stream in (1, 2)] == [0, 0]


@sampled(
    ("how", "face"),
    itertools.product(("nobody", "full", "closed"), ("plain", "json", "verbose")),
    kind=lambda case: case[0],
    more=1,
)
def test_a_release_ends_as_it_would_if_somebody_listened(place: Place, how: str, face: str) -> None:
    words = f"release --type minor{'' if face == 'plain' else f' --{face}'}"
    if how == "closed":
        assert closed(place, words, 1) == 0
    elif how == "full":
        with Path("/dev/full").open("w") as full:
            assert ended(place, words, full.fileno())[0] == 0
    else:
        with nobody() as writer:
            assert ended(place, words, writer)[0] == 0
    assert place.shipit("verify", "release", "v1.1.0").ended(0)


def test_one_that_is_refused_says_so_by_its_exit_code(place: Place) -> None:
    pyproject = place.clone / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"-c", "pass"', '"-c", "exit(3)"'))
    with nobody() as writer:
        assert ended(place, "release --type minor --json", writer)[0] == 4
