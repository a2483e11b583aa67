"""Case 2: the index dies after the push, main moves on, another machine resumes with the very bytes."""

import hashlib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pytest

from tests.support import absurd
from tests.support.place import GITHUB, Place, Stage
from tests.support.pypi import Address, FaultyIndex, pypiserver
from tests.support.standing import files

SOME_PAGES = ("an address that no library splits", "a name that is a number", "deep nesting")
PASSWORD = "an-index-password-5f1c"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index keeps its files."""
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[Address]:
    with pypiserver(folder, password=PASSWORD) as found:
        yield found


@pytest.fixture
def packages(folder: Path) -> Iterator[Path]:
    """The same, empty at the beginning of each test."""
    yield folder
    for path in folder.glob("small-*"):
        path.unlink()


@pytest.fixture
def front(address: Address, packages: Path) -> Iterator[FaultyIndex]:
    with FaultyIndex(address.url) as made:
        yield made


@pytest.fixture
def indexed(theatre: Stage, front: FaultyIndex) -> Iterator[Place]:
    tables = f"""
[tool.shipit.index]
kind = "url"
url = "{front.url}/"
simple = "{front.url}/simple/"
username = "env:INDEX_USER"
password = "env:INDEX_PASSWORD"
"""
    made = theatre.place(tables + GITHUB)
    made.env.update(INDEX_USER="releaser", INDEX_PASSWORD=PASSWORD)
    yield made
    theatre.clear(made)


@pytest.mark.parametrize("message", ["feat: something new", "docs: say more"])
def test_wheel_accepted_sdist_503_is_told_as_incomplete_and_resumed_elsewhere_with_the_same_bytes(
    indexed: Place, front: FaultyIndex, packages: Path, message: str
) -> None:
    front.fail("*.tar.gz", 503)
    ran = indexed.shipit("release", "--type", "minor").ended(5)
    assert "503" in ran.said
    assert "--resume" in ran.said
    (release,) = indexed.outside()["forge"]["releases"]
    assert release["draft"]
    pushed = indexed.outside()["refs"]

    moved = indexed.push_something(message, {"new.txt": "new\n"})
    other = indexed.fresh_clone()
    for words in (("release",), ("release", "--type", "major")):
        ran = indexed.shipit(*words, where=other).ended(5)
        assert "v1.1.0 is incomplete" in ran.said
        assert "sdist missing" in ran.said
        assert "shipit release --resume" in ran.said
    assert indexed.outside()["refs"] == {**pushed, "refs/heads/develop": moved}

    front.heal()
    sent = len(front.uploads)
    indexed.shipit("release", "--resume", where=other).ended(0)
    assert [upload.file for upload in front.uploads[sent:]] == ["small-1.1.0.tar.gz"]
    (release,) = indexed.outside()["forge"]["releases"]
    assert not release["draft"]
    attached = {name: sha for name, _, sha in release["assets"]}
    served = {name: data for name, data in files(packages).items() if "1.1.0" in name}
    assert {name: _sha256(data) for name, data in served.items()} == {
        name: sha for name, sha in attached.items() if name.startswith("small-")
    }
    assert indexed.outside()["refs"]["refs/heads/develop"] == moved
    assert indexed.outside()["refs"]["refs/tags/v1.1.0"] == pushed["refs/tags/v1.1.0"]

    outside, writes, uploads = indexed.outside(), indexed.writes(), list(front.uploads)
    third = indexed.shipit("verify", "release", "v1.1.0", where=other).ended(0)
    assert "v1.1.0 is what was released" in third.said
    if message.startswith("docs"):
        third = indexed.shipit("release", where=other).ended(0)
        assert "v1.1.0 is complete" in third.said
    assert (indexed.outside(), indexed.writes(), front.uploads) == (outside, writes, uploads)


def test_an_upload_whose_answer_was_lost_is_not_sent_twice(indexed: Place, front: FaultyIndex) -> None:
    front.fail("*.whl", 0, times=1, after=True)

    ran = indexed.shipit("release", "--type", "minor")

    if ran.code == 5:
        ran = indexed.shipit("release", "--resume")
    ran.ended(0)
    kept = [upload.file for upload in front.uploads if upload.status == 200]
    assert kept.count("small-1.1.0.tar.gz") == 1
    assert len(front.uploads) <= 3


def test_files_that_were_stored_though_the_index_answered_503_are_looked_at_and_the_run_goes_on(
    indexed: Place, front: FaultyIndex
) -> None:
    """Twine repeats the upload, and the index refuses a file that it has."""
    patterns = "*.whl", "*.tar.gz"
    for pattern in patterns:
        front.fail(pattern, 503, times=1, after=True)

    ran = indexed.shipit("release", "--type", "minor").ended(0)

    for pattern in patterns:
        assert {one.status for one in front.uploads if fnmatch(one.file, pattern)} == {503, 400}
    assert "v1.1.0 is released and complete" in ran.said


def test_other_bytes_that_came_meanwhile_are_told_as_other_bytes(
    indexed: Place, front: FaultyIndex, packages: Path
) -> None:
    there = packages / "small-1.1.0-py3-none-any.whl"

    def faster() -> None:
        there.write_bytes(b"somebody was faster")

    front.watch = faster

    ran = indexed.shipit("release", "--type", "minor").ended(5)

    assert "already has small-1.1.0-py3-none-any.whl with different content" in ran.said
    assert _sha256(b"somebody was faster") in ran.said


def test_an_index_that_refuses_leaves_a_release_that_says_so(indexed: Place, front: FaultyIndex) -> None:
    words: tuple[str, ...] = ("release", "--type", "minor")
    for status in (400, 403, 409):
        front.heal()
        front.fail("*", status)
        ran = indexed.shipit(*words).ended(5)
        assert str(status) in ran.said
        assert "hint: " in ran.said
        assert "small-1.1.0" in ran.said
        assert indexed.outside()["forge"]["releases"][0]["draft"]
        words = ("release", "--resume")

    front.heal()
    indexed.shipit("release", "--resume").ended(0)


def test_other_bytes_on_the_index_are_refused_before_anything_is_touched(
    indexed: Place, front: FaultyIndex, packages: Path
) -> None:
    (packages / "small-1.1.0-py3-none-any.whl").write_bytes(b"something else")
    outside, here = indexed.outside(), indexed.here()

    ran = indexed.shipit("release", "--type", "minor").ended(4)

    assert "1.1.0 is on" in ran.said
    assert (indexed.outside(), indexed.here()) == (outside, here)
    assert indexed.server.pushes == [] or not front.uploads


def test_absurd_pages_are_refused_before_the_push_and_stop_half_way_after_it(
    indexed: Place, front: FaultyIndex, packages: Path
) -> None:
    address, outside = "/simple/small/", indexed.outside()
    words: tuple[str, ...] = ("--type", "minor")

    def stops(code: int, *words: str) -> None:
        ran = indexed.shipit("release", *words).ended(code)
        assert f"{front.url}{address}" in ran.said
        assert "bug" not in ran.said

    for page in SOME_PAGES:
        front.pages[address] = absurd.PAGES[page]
        stops(4, *words)
        assert indexed.outside() == outside

    for page in SOME_PAGES:
        for upload in packages.glob("small-*"):  # so that the next run uploads as well
            upload.unlink()
        front.pages.clear()
        front.watch = partial(front.pages.update, {address: absurd.PAGES[page]})
        stops(5, *words)
        words = ("--resume",)

    front.watch = lambda: None
    front.pages.clear()
    indexed.shipit("release", "--resume").ended(0)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
