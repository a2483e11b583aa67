"""All packages over a history that is read once come to what each of them comes to by itself."""

import json
from pathlib import Path
from random import Random

import pytest

from shipit.adapters import process
from shipit.adapters.git import history, query
from shipit.errors import Refused
from shipit.repository.clone import Clone, open_clone
from shipit.repository.packages import every_package
from tests.support.inside import shipit
from tests.support.repository import Repository

FOLDERS = {"api": "packages/api", "web": "packages/web/", "apiary": "packages/apiary", "deep": "packages/web/deep"}
SETTINGS = '[tool.shipit]\nforge.kind = "none"\n' + "".join(
    f'packages.{name}.path = "{folder}"\n' for name, folder in FOLDERS.items()
)
PROJECT = '[project]\nname = "{name}"\nversion = "1.0.0"\n'
MESSAGES = ("feat: a", "fix: b", "docs: c", "feat!: d", 'Revert "feat: a"', "words", "fix: e (#3)\n\n* feat: f")


class Many:
    """A repository with packages in folders, one inside of another, one beside whose name begins alike."""

    def __init__(self, top: Path) -> None:
        self.repository = Repository(top)
        self.write("pyproject.toml", SETTINGS)
        for name, folder in FOLDERS.items():
            self.write(f"{folder.rstrip('/')}/pyproject.toml", PROJECT.format(name=name))
        self.commit("feat: begin")

    @property
    def top(self) -> Path:
        return self.repository.top

    def write(self, path: str, text: str) -> None:
        (self.top / path).parent.mkdir(parents=True, exist_ok=True)
        (self.top / path).write_text(text)

    def commit(self, message: str) -> str:
        self.repository.git("add", ".")
        return self.repository.commit(message)

    def grow(self, random: Random, steps: int) -> None:
        for step in range(steps):
            if random.random() < 0.15:
                self.branch_off(random, step)
            self.change(random, step)
            if random.random() < 0.2:
                self.repository.git("tag", f"{random.choice(list(FOLDERS))}-v{random.randint(1, 3)}.{step}.0")

    def change(self, random: Random, step: int) -> None:
        folder = random.choice([*FOLDERS.values(), ".", "docs"])
        if random.random() < 0.1:  # a renamed file is a change of both folders
            self.repository.git("mv", "-k", "packages/api/moved", "packages/web/moved")
        self.write(f"{folder.rstrip('/')}/moved" if random.random() < 0.2 else f"{folder}/file", f"{step}\n")
        self.commit(random.choice(MESSAGES))

    def branch_off(self, random: Random, step: int) -> None:
        self.repository.git("switch", "--quiet", "--create", f"topic{step}", f"HEAD~{random.randint(0, 1)}")
        self.write(f"packages/{random.choice(('api', 'web'))}/topic{step}", "x\n")
        self.commit(random.choice(MESSAGES))
        if random.random() < 0.3:
            self.repository.git("tag", f"apiary-v9.{step}.0")
        self.repository.git("switch", "--quiet", "main")
        if random.random() < 0.8:
            self.repository.git("merge", "--quiet", "--no-ff", "-m", f"Merge topic{step}", f"topic{step}")


def outcome(clone: Clone) -> object:
    try:
        found = clone.decide("auto", None)
    except Refused as error:
        return str(error)
    return found.version, found.previous, sorted(map(repr, found.changes)), found.why, found.basis


@pytest.mark.parametrize("seed", range(6))
def test_each_comes_to_what_it_comes_to_by_itself(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    many = Many(tmp_path / "work")
    many.grow(random, 14)
    found = {one.package: outcome(one) for one in every_package(open_clone(many.top))}
    assert found == {name: outcome(open_clone(many.top, name)) for name in FOLDERS}
    assert list(found) == list(FOLDERS)


def test_before_the_first_tag_each_is_at_its_first_version(tmp_path: Path) -> None:
    many = Many(tmp_path / "work")
    assert [outcome(one) for one in every_package(open_clone(many.top))] == [
        outcome(open_clone(many.top, name)) for name in FOLDERS
    ]


def test_history_is_read_once_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = Many(tmp_path / "work")
    for name in FOLDERS:
        many.repository.git("tag", f"{name}-v1.0.0")
    many.grow(Random(3), 4)
    children: list[str] = []

    def counted(argv: object, *more: object, **options: object) -> object:
        children.append(str(argv))
        return stream(argv, *more, **options)  # type: ignore[arg-type]

    stream = process.stream
    monkeypatch.setattr(process, "stream", counted)
    assert len([one.decide("auto", None) for one in every_package(open_clone(many.top))]) == 4
    assert len(children) == 1


def test_the_files_of_each_commit_are_those_that_it_changes(tmp_path: Path) -> None:
    many = Many(tmp_path / "work")
    root = query.resolve(many.top, "HEAD")
    many.write("packages/api/ä b\tc", "x\n")
    odd = many.commit("feat: a name that is odd")
    many.repository.git("mv", "packages/api/ä b\tc", "docs")
    moved = many.commit("feat: moved")
    empty = many.repository.commit("feat: nothing")
    found = history.paths(many.top, None, "HEAD")
    assert len(found[root]) == len(FOLDERS) + 1
    assert found[odd] == ["packages/api/ä b\tc"]
    assert sorted(found[moved]) == ["docs", "packages/api/ä b\tc"]
    assert found[empty] == []
    assert list(history.paths(many.top, odd, "HEAD")) == [empty, moved]


def test_the_command_line_names_each_package_and_says_what_has_nothing(tmp_path: Path) -> None:
    many = Many(tmp_path / "work")
    for name in FOLDERS:
        many.repository.git("tag", f"{name}-v1.0.0")
    many.write("packages/api/file", "x\n")
    many.commit("feat: more")
    ran = shipit(many.top, "version", "--next", "--all-packages")
    assert (ran.code, ran.out) == (0, "api 1.1.0\n")
    assert "web: no commits since web-v1.0.0" in ran.err
    told = json.loads(shipit(many.top, "version", "--next", "--all-packages", "--json").out)["packages"]
    assert {name: facts["version"] for name, facts in told.items()} == {**dict.fromkeys(FOLDERS), "api": "1.1.0"}


def test_one_that_is_refused_keeps_none_of_the_others_from_being_said(tmp_path: Path) -> None:
    many = Many(tmp_path / "work")
    for name in FOLDERS:
        many.repository.git("tag", f"{name}-v1.0.0")
    many.repository.git("switch", "--quiet", "--create", "topic")
    many.repository.commit("feat: elsewhere")
    many.repository.git("tag", "api-v1.1.0")
    many.repository.git("switch", "--quiet", "main")
    for name in ("api", "web"):
        many.write(f"packages/{name}/file", "x\n")
        many.commit("feat: more")
    ran = shipit(many.top, "version", "--next", "--all-packages")
    assert (ran.code, ran.out) == (4, "web 1.1.0\n")
    assert "api: " in ran.err
    assert "api-v1.1.0" in ran.err


def test_of_several_that_are_refused_each_is_named_and_the_first_one_is_explained(tmp_path: Path) -> None:
    many = Many(tmp_path / "work")
    for name in FOLDERS:
        many.repository.git("tag", f"{name}-v1.0.0")
    many.repository.git("switch", "--quiet", "--create", "topic")
    many.repository.commit("feat: elsewhere")
    for name in ("api", "web"):
        many.repository.git("tag", f"{name}-v1.1.0")
    many.repository.git("switch", "--quiet", "main")
    for name in ("api", "web", "deep"):
        many.write(f"{FOLDERS[name]}/file", "x\n")
        many.commit("feat: more")
    ran = shipit(many.top, "version", "--next", "--all-packages")
    assert (ran.code, ran.out) == (4, "deep 1.1.0\n")
    what = "the next version would be 1.1.0, but the tag {}-v1.1.0 exists on another line of history"
    assert f"web: {what.format('web')}\n" in ran.err
    assert f"error: api: {what.format('api')}\n" in ran.err


def test_without_packages_it_is_a_usage_error_with_what_to_write(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    (repository.top / "pyproject.toml").write_text(PROJECT.format(name="alone"))
    ran = shipit(repository.top, "version", "--next", "--all-packages")
    assert (ran.code, ran.out) == (2, "")
    assert "error: this repository has no packages\n" in ran.err
    assert "hint: write [tool.shipit.packages.NAME]\n" in ran.err


@pytest.mark.parametrize("words", [("--all-packages",), ("--next", "--all-packages", "--package", "api")])
def test_it_goes_with_next_alone(tmp_path: Path, words: tuple[str, ...]) -> None:
    many = Many(tmp_path / "work")
    ran = shipit(many.top, "version", *words)
    assert (ran.code, "--all-packages goes with --next" in ran.err) == (2, True)
