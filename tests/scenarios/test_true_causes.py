"""What could not be asked is told as that: not as a conflict, not as a release that differs, not as a push."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import gitserver
from tests.support.place import NO_FORGE, Place, Stage
from tests.support.pypi import FaultyIndex, pypiserver

PASSWORD = "an-index-password-77aa"
DIRECTORY = '\n[tool.shipit.index]\npath = "../index"\n'


@pytest.fixture
def front(tmp_path: Path) -> Iterator[FaultyIndex]:
    with pypiserver(tmp_path / "packages", password=PASSWORD) as address, FaultyIndex(address.url) as made:
        yield made


@pytest.fixture
def indexed(theatre: Stage, front: FaultyIndex) -> Iterator[Place]:
    table = f'\n[tool.shipit.index]\nkind = "url"\nurl = "{front.url}/"\nsimple = "{front.url}/simple/"\n'
    made = theatre.place(
        f'{table}username = "env:INDEX_USER"\npassword = "env:INDEX_PASSWORD"\n{NO_FORGE}', work_in_hand=False
    )
    made.env.update(INDEX_USER="releaser", INDEX_PASSWORD=PASSWORD)
    yield made
    theatre.server.heal()
    theatre.clear(made)


@dataclass
class GoneBeforeThePush(gitserver.Fault):
    """The server is gone from the moment on at which the run has its evidence."""

    journal: Path = Path()

    def hits(self, method: str, service: str) -> bool:
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return any('"StepDone"' in line and '"name": "evidence"' in line for line in lines)


def test_an_index_that_does_not_answer_is_no_conflict(indexed: Place, front: FaultyIndex) -> None:
    front.upstream = "http://127.0.0.1:9"
    before = indexed.outside()

    ran = indexed.shipit("release", "--type", "minor", hurried=True).ended(4)

    assert "upload: cannot be looked at" in ran.said
    assert "conflict" not in ran.said
    ran = indexed.shipit("release", "--type", "minor", "--dry-run", hurried=True).ended(4)
    assert "?  unknown  upload" in ran.said
    assert "1 unknown" in ran.said
    assert indexed.outside() == before


def test_a_release_that_cannot_be_looked_at_does_not_differ(indexed: Place, front: FaultyIndex) -> None:
    indexed.shipit("release", "--type", "minor").ended(0)
    upstream, front.upstream = front.upstream, "http://127.0.0.1:9"

    for words in (("release",), ("verify", "release", "v1.1.0")):
        ran = indexed.shipit(*words, hurried=True).ended(4)
        assert "it is not known whether all of it is there" in ran.said
        assert "is not what was released" not in ran.said

    front.upstream = upstream
    indexed.shipit("verify", "release", "v1.1.0").ended(0)


def test_a_push_that_never_began_leaves_no_doubt_about_it(theatre: Stage) -> None:
    place = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    journal = place.clone / ".git" / "shipit" / "journal" / "v1.1.0.jsonl"
    place.server.faults.append(GoneBeforeThePush(503, journal=journal))

    ran = place.shipit("release", "--type", "minor", hurried=True).ended(5)
    theatre.server.heal()

    assert "error: push: git ls-remote failed" in ran.said
    assert "the lock could not be freed: git ls-remote failed" in ran.said
    assert "cannot tell whether it happened" not in ran.said
    place.shipit("release", "--undo").ended(0)
    theatre.clear(place)
