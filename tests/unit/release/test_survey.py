"""What the remote says, read once."""

from pathlib import Path

import pytest

from shipit.config import Branches, Config
from shipit.errors import Refused
from shipit.release.survey import survey
from tests.fakes import FakeObjects, FakeRemote
from tests.unit.memory import TRUNK, Machine, Product

GITFLOW = Config(branches=Branches(develop="develop"))


@pytest.fixture
def product() -> Product:
    return Product()


def test_tells_the_commits_since_the_last_release_newest_first(product: Product, tmp_path: Path) -> None:
    seen = Machine(product, tmp_path / "a").survey("develop")
    assert [commit.subject for commit in seen.commits] == [
        "fix: end with a mark",
        "feat: say it louder",
        "Merge v1.0.0 into develop",
    ]
    assert (seen.base_branch, seen.base) == ("develop", product.refs["refs/heads/develop"])


def test_tells_everything_before_the_first_release(tmp_path: Path) -> None:
    seen = Machine(Product(released=False), tmp_path / "a").survey("develop")
    assert [commit.subject for commit in seen.commits][-1] == "chore: begin"
    assert (seen.tags, seen.all_tags) == ((), ())


def test_brings_what_is_not_here(product: Product) -> None:
    objects = FakeObjects()
    remote = FakeRemote(product.server, objects)
    assert not objects.store
    survey(remote, objects, GITFLOW, "develop")
    assert all(objects.has(product.refs[f"refs/heads/{name}"]) for name in ("main", "develop"))


def test_brings_nothing_where_everything_is_here(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = FakeObjects()
    remote = FakeRemote(product.server, objects)
    first = survey(remote, objects, GITFLOW, "develop")
    monkeypatch.setattr(remote, "fetch", None)
    assert survey(remote, objects, GITFLOW, "develop") == first


def test_knows_the_version_tags_and_which_of_them_are_in_the_history(product: Product, tmp_path: Path) -> None:
    other = product.commit("elsewhere", "feat: other\n")
    product.tag("v3.0.0", other)
    product.server.refs["refs/tags/v0.9.0"] = product.refs["refs/heads/main"]
    product.tag("nightly", other)
    seen = Machine(product, tmp_path / "a").survey("develop")
    assert [tag.name for tag in seen.tags] == ["v0.9.0", "v1.0.0"]
    assert [tag.name for tag in seen.all_tags] == ["v0.9.0", "v1.0.0", "v3.0.0"]


def test_knows_tips_lock_and_releases_that_are_open(product: Product, tmp_path: Path) -> None:
    tip = product.refs["refs/heads/main"]
    before = Machine(product, tmp_path / "a").survey("develop")
    assert (before.lock, before.open_tags) == (None, ())
    product.server.refs |= {"refs/shipit/lock/release": tip, "refs/shipit/kept/v1.1.0": tip}
    seen = Machine(product, tmp_path / "b").survey("develop")
    assert (seen.lock, seen.open_tags) == (tip, ("v1.1.0",))
    assert (seen.tip("main"), seen.tip("nowhere"), seen.tip(None)) == (tip, None, None)


def test_what_main_alone_has_is_released_with_the_base(product: Product, tmp_path: Path) -> None:
    product.commit("main", "feat!: hot\n", {"hot.py": b""})
    product.commit("main", "fix: end with a mark\n", {"copy.py": b""})
    subjects = [commit.subject for commit in Machine(product, tmp_path / "a").survey("develop").commits]
    assert subjects[-1] == "feat!: hot"
    assert subjects.count("fix: end with a mark") == 1, "a copy of what develop has"
    assert Machine(product, tmp_path / "b").release(dry_run=True)["version"] == "2.0.0"


def test_what_main_alone_has_and_has_released_is_not_released_again(product: Product, tmp_path: Path) -> None:
    product.tag("v1.0.1", product.commit("main", "feat!: hot\n", {"hot.py": b""}))
    product.commit("main", "fix: later\n", {"later.py": b""})
    subjects = [commit.subject for commit in Machine(product, tmp_path / "a").survey("develop").commits]
    assert subjects[-1] == "fix: later"
    assert "feat!: hot" not in subjects


def test_a_trunk_needs_no_develop(tmp_path: Path) -> None:
    seen = Machine(Product(TRUNK), tmp_path / "a").survey("main")
    assert [commit.subject for commit in seen.commits] == ["fix: end with a mark", "feat: say it louder"]


def test_a_branch_that_is_not_there_is_refused_with_those_that_are(product: Product, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="origin has no branch next") as caught:
        Machine(product, tmp_path / "a").survey("next")
    assert caught.value.evidence == ("it has develop, main",)
    assert "git push -u origin next" in (caught.value.hint or "")


def test_an_empty_remote_is_said_to_be_one(product: Product, tmp_path: Path) -> None:
    product.server.refs.clear()
    with pytest.raises(Refused) as caught:
        Machine(product, tmp_path / "a").survey("main")
    assert caught.value.evidence == ("it has no branch at all",)


def test_knows_which_releases_wait_to_be_merged_back(product: Product, tmp_path: Path) -> None:
    machine = Machine(product, tmp_path / "a")
    assert machine.survey("develop").waiting == {}
    product.server.refs["refs/heads/back-merge/tiny/v1.1.0"] = product.refs["refs/heads/main"]
    seen = machine.survey("develop")
    assert seen.waiting == seen.waiting_for("develop") == {"tiny/v1.1.0": "back-merge/tiny/v1.1.0"}
    assert seen.waiting_for("main") == {}
    product.tag("tiny/v1.1.0", product.refs["refs/heads/develop"])
    assert machine.survey("develop").waiting == {}
