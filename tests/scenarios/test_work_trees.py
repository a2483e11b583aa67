"""What is not in the work tree: a package's folder that is nowhere, and what a clone has not checked out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import inside
from tests.support.repository import PEOPLE, Repository

PYPROJECT = """[project]
name = "acme-tool"
version = "0.0.0"

[tool.shipit]
index.kind = "none"
forge.kind = "none"

[tool.shipit.packages.tiny]
path = "packages/tiny"

[tool.shipit.packages.other]
path = "packages/other"
"""
COMMANDS = {
    "release": ("release", "--package", "tiny"),
    "dry run": ("release", "--package", "tiny", "--dry-run"),
    "version": ("version", "--package", "tiny"),
    "next": ("version", "--next", "--package", "tiny"),
    "changelog": ("changelog", "--package", "tiny"),
    "whole release": ("release",),
    "whole version": ("version",),
    "whole changelog": ("changelog",),
    "status": ("status",),
}
every_command = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
Say = Callable[..., inside.Ended]


class Work:
    """A repository with two packages, pushed to a bare remote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote = Repository(folder / "origin.git")
        self.remote.git("config", "--bool", "core.bare", "true")
        self.here = Repository(folder / "here")
        self.here.git("remote", "add", "origin", self.url)
        self.write("pyproject.toml", PYPROJECT)
        for name in ("tiny", "other"):
            self.write(f"packages/{name}/pyproject.toml", f'[project]\nname = "{name}"\nversion = "0.0.0"\n')
        self.push("feat: begin")

    @property
    def url(self) -> str:
        return str(self.folder / "origin.git" / ".git")

    def write(self, path: str, text: str) -> None:
        file = self.here.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def push(self, message: str) -> None:
        self.here.git("add", "--all")
        self.here.commit(message)
        self.here.git("push", "--quiet", "origin", "HEAD")

    def clone(self, *options: str) -> Repository:
        self.here.git("clone", "--quiet", *options, f"file://{self.url}", str(self.folder / "clone"))
        return Repository(self.folder / "clone")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def say(folder: Path, *words: str) -> inside.Ended:
    return inside.shipit(folder, *words, **PEOPLE)


@every_command
@pytest.mark.parametrize(
    ("path", "what"),
    [("packages/tinny", "is not there"), ("packages/tiny/pyproject.toml", "is a file, not a folder")],
)
def test_a_package_whose_folder_is_none_is_a_mistake(
    work: Work, words: tuple[str, ...], path: str, what: str
) -> None:
    work.write("pyproject.toml", PYPROJECT.replace("packages/tiny", path))
    work.push("fix: move")
    before = work.remote.git("for-each-ref")
    ended = say(work.here.top, *words)
    assert ended.code == 2
    said = f"pyproject.toml:10: tool.shipit.packages.tiny.path: {path} {what}; did you mean packages/tiny?"
    assert said in ended.err
    assert 'hint: set packages.tiny.path = "packages/tiny"' in ended.err
    assert work.remote.git("for-each-ref") == before


@pytest.mark.parametrize("words", [words for words in COMMANDS.values() if "tiny" in words])
def test_a_package_without_version_files_is_a_mistake(work: Work, words: tuple[str, ...]) -> None:
    (work.here.top / "packages" / "tiny" / "pyproject.toml").unlink()
    work.write("packages/tiny/tiny.py", "")
    work.push("fix: none")
    ended = say(work.here.top, *words)
    assert ended.code == 2
    assert "packages/tiny has no pyproject.toml with a [project] in it, and `files` is not set" in ended.err
    work.write("pyproject.toml", PYPROJECT.replace('"packages/tiny"', '"packages/tiny"\nfiles = []'))
    work.push("fix: the tag alone")
    assert say(work.here.top, *words).code == 0


def test_a_package_that_was_never_committed_refuses_its_release(work: Work) -> None:
    work.write("pyproject.toml", PYPROJECT.replace("packages/tiny", "packages/fresh"))
    work.push("feat: fresh")
    work.write("packages/fresh/pyproject.toml", '[project]\nname = "fresh"\nversion = "0.0.0"\n')
    ended = say(work.here.top, "release", "--package", "tiny")
    assert ended.code == 4
    assert "packages/fresh, the folder of the package tiny, is not on main of origin" in ended.err
    assert "hint: commit it and push: git add packages/fresh && git commit && git push origin main" in ended.err


@every_command
@pytest.mark.parametrize("options", [("--no-checkout",), ("--no-checkout", "--filter=blob:none")])
def test_a_clone_without_checkout_is_told_from_a_project_without_a_name(
    work: Work, words: tuple[str, ...], options: tuple[str, ...]
) -> None:
    work.remote.git("config", "uploadpack.allowFilter", "true")
    clone = work.clone(*options)
    ended = say(clone.top, *words)
    assert ended.code == 2
    assert "the work tree has no pyproject.toml, but HEAD has one" in ended.err
    assert "nothing is checked out" in ended.err
    command = "git checkout HEAD -- ."
    assert f"hint: {command}" in ended.err
    clone.git(*command.split()[1:])
    assert say(clone.top, *words).code == 0


def test_a_pyproject_that_was_deleted_comes_back_by_the_command(work: Work) -> None:
    (work.here.top / "pyproject.toml").unlink()
    ended = say(work.here.top, "version")
    assert "pyproject.toml is missing or deleted" in ended.err
    assert "hint: git checkout HEAD -- pyproject.toml" in ended.err


def test_a_configuration_of_its_own_file_is_missed_as_well(work: Work) -> None:
    work.here.git("mv", "pyproject.toml", "shipit.toml")
    work.write("shipit.toml", 'name = "acme-tool"\nindex.kind = "none"\nforge.kind = "none"\n')
    work.push("chore: a file of its own")
    assert say(work.here.top, "version").code == 0
    (work.here.top / "shipit.toml").unlink()
    ended = say(work.here.top, "version")
    assert ended.code == 2
    assert "the work tree has no shipit.toml, but HEAD has one" in ended.err


def test_a_repository_that_never_had_a_configuration_is_left_alone(work: Work) -> None:
    work.here.git("rm", "--quiet", "pyproject.toml")
    work.push("chore: none")
    assert say(work.here.top, "version").code == 0
    ended = say(work.here.top, "release")
    assert "the project has no name" in ended.err


def test_a_sparse_clone_needs_only_the_package_that_is_asked_for(work: Work) -> None:
    clone = work.clone("--sparse")
    clone.git("sparse-checkout", "add", "packages/other")
    assert say(clone.top, "version", "--next").out == "0.1.0\n"
    assert say(clone.top, "version", "--next", "--package", "other").out == "0.1.0\n"
    ended = say(clone.top, "version", "--next", "--package", "tiny")
    assert ended.code == 2
    assert "packages/tiny, the folder of the package tiny, is in HEAD and not in the work tree" in ended.err
    command = "git sparse-checkout add packages/tiny"
    assert f"hint: {command}" in ended.err
    clone.git(*command.split()[1:])
    assert say(clone.top, "version", "--next", "--package", "tiny").code == 0


def test_a_folder_that_was_deleted_comes_back_by_the_command(work: Work) -> None:
    file = work.here.top / "packages" / "tiny" / "pyproject.toml"
    file.unlink()
    file.parent.rmdir()
    ended = say(work.here.top, "changelog", "--package", "tiny")
    assert ended.code == 2
    assert "hint: git checkout HEAD -- packages/tiny" in ended.err


@pytest.mark.parametrize(
    ("path", "what", "lost"),
    [("docs", "docs is a folder", "docs/index.md"), ("README.md/news.md", "README.md is a file", "README.md")],
)
def test_a_changelog_takes_the_place_of_nothing_else(work: Work, path: str, what: str, lost: str) -> None:
    work.write("pyproject.toml", PYPROJECT.replace("index.kind", f'changelog.file = "{path}"\nindex.kind'))
    work.write("docs/index.md", "# index\n")
    work.write("README.md", "# tool\n")
    work.push("feat: more")
    ended = say(work.here.top, "release")
    assert ended.code == 2
    assert f"the changelog cannot be written to {path}: {what}" in ended.err
    assert f"{lost} would be lost" in ended.err
