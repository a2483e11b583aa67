"""What leaves is what was meant, told by the command itself: names, and an index that proves nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.place import Place, Stage
from tests.support.pypi import Address, pypiserver

PASSWORD = "an-index-password-5f1c"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def address(packages: Path) -> Iterator[Address]:
    with pypiserver(packages, password=PASSWORD, hashes="off") as found:
        yield found


def table(address: Address) -> str:
    login = 'username = "env:INDEX_USER"\npassword = "env:INDEX_PASSWORD"\n'
    return f'\n[tool.shipit.index]\nkind = "url"\nurl = "{address.upload}"\n{login}'


@pytest.fixture
def place(theatre: Stage, address: Address) -> Iterator[Place]:
    made = theatre.place(table(address))
    made.env.update(INDEX_USER="releaser", INDEX_PASSWORD=PASSWORD)
    yield made
    theatre.clear(made)


def test_an_index_without_hashes_is_read_and_a_file_that_was_tampered_with_is_found(
    place: Place, packages: Path
) -> None:
    ran = place.shipit("release", "--type", "minor").ended(0)
    assert "with equal sha256" in ran.said
    place.shipit("verify", "release", "v1.1.0").ended(0)
    [wheel] = packages.glob("*1.1.0*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    assert "with different content" in place.shipit("verify", "release", "v1.1.0").ended(6).said


def test_files_of_another_project_are_refused_and_nothing_is_touched(
    theatre: Stage, address: Address, packages: Path
) -> None:
    place = theatre.place(f'\n[tool.shipit]\nname = "meant"\n{table(address)}')
    place.env.update(INDEX_USER="releaser", INDEX_PASSWORD=PASSWORD)
    before = place.outside()["refs"]
    ran = place.shipit("release", "--type", "minor").ended(4)
    assert "is of the project small, the release is of meant" in ran.said
    assert place.outside()["refs"] == before
    assert not list(packages.glob("*1.1.0*"))
    theatre.clear(place)
