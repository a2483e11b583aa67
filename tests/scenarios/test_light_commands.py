"""`shipit version` and `shipit changelog`, as people run them: fresh interpreter, real repository."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.repository import Repository

HEAVY = (
    *("git", "httpx", "rich", "pydantic", "semantic_release", "tomlkit", "click", "jinja2", "yaml"),
    *("shipit.config.foreign", "shipit.config.foreign_files", "shipit.config.peers", "shipit.versioning.peers"),
    *("sqlite3", "psycopg", "shipit.migrate", "shipit.migrations", "shipit.release.recipe"),
)
RUN = """
import sys
from shipit.cli.main import main
try:
    main()
finally:
    loaded = sorted(name for name in sys.argv[0].split(",") if name in sys.modules)
    print("loaded:", *loaded, file=sys.stderr)
"""
PYPROJECT = """[project]
name = "tool"
version = "1.0.0"

[tool.shipit.forge]
repository = "acme/tool"
"""


@dataclass
class Ran:
    code: int
    out: str
    err: str


class Shell(Repository):
    def shipit(self, *words: str) -> Ran:
        program = [sys.executable, "-c", f"import sys; sys.argv[0] = {','.join(HEAVY)!r}\n{RUN}", *words]
        done = subprocess.run(
            program, cwd=self.top, capture_output=True, text=True, check=False, env={**os.environ}
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "work")
    (made.top / "pyproject.toml").write_text(PYPROJECT)
    (made.top / "CHANGELOG.md").write_text("# Changelog\n\n## [1.0.0] - 2024-01-01\n\n- first\n")
    made.git("add", ".")
    made.commit("feat: start", tag="v1.0.0")
    return made


LIGHT = [
    ("version",),
    ("version", "--next"),
    ("version", "--next", "--json"),
    ("version", "--why"),
    ("changelog",),
    ("changelog", "--all"),
    ("changelog", "v1.0.0..", "--json"),
    ("--help",),
    ("migrate", "--help"),
]


@pytest.mark.parametrize("words", LIGHT, ids=" ".join)
def test_a_light_command_loads_nothing_heavy(shell: Shell, words: tuple[str, ...]) -> None:
    shell.commit("feat: y")
    ran = shell.shipit(*words)
    assert (ran.code, ran.err) == (0, "loaded:\n")
    assert ran.out


def test_only_what_another_tool_says_is_looked_for_with_more_than_that(shell: Shell) -> None:
    shell.commit("refactor: y")
    (shell.top / "pyproject.toml").write_text(f'{PYPROJECT}\n[tool.commitizen]\ntag_format = "v$version"\n')
    ran = shell.shipit("version", "--next")
    assert (ran.code, ran.out) == (0, "1.0.1\n")
    assert "yaml" not in ran.err
    (shell.top / "pyproject.toml").write_text(PYPROJECT)
    (shell.top / "cz.yaml").write_text("commitizen: {tag_format: v$version, version_provider: pep621}\n")
    ran = shell.shipit("version", "--next")
    assert (ran.code, ran.out) == (0, "1.0.1\n")
    assert "yaml" in ran.err


@pytest.mark.parametrize("words", [("--next",), ("--why",), ("--next", "--json"), ("bump",), ()], ids=" ".join)
def test_what_another_tool_would_do_is_said_once_beside_the_answer(shell: Shell, words: tuple[str, ...]) -> None:
    shell.commit("fix: y")
    table = '[tool.semantic_release]\nadd_partial_tags = true\nversion_toml = ["pyproject.toml:project.version"]\n'
    (shell.top / "pyproject.toml").write_text(f"{PYPROJECT}\n{table}")
    ran = subprocess.run(
        [sys.executable, "-m", "shipit", "version", *words],
        cwd=shell.top,
        capture_output=True,
        text=True,
        check=True,
    )
    key, why = "tool.semantic_release.add_partial_tags", "shipit has no such setting"
    expected = [f"{key} is not taken over: {why}; set version.tag-format"]
    assert [line for line in ran.stderr.splitlines() if not line.startswith("wrote ")] == expected
    assert "semantic" not in ran.stdout


def test_links_are_read_from_the_remote_without_loading_anything_heavy(shell: Shell) -> None:
    (shell.top / "pyproject.toml").write_text(PYPROJECT.partition("[tool.shipit.forge]")[0])
    shell.git("remote", "add", "origin", "git@github.com:acme/tool.git")
    shell.commit("feat: y")
    ran = shell.shipit("changelog")
    assert (ran.code, ran.err) == (0, "loaded:\n")
    assert "https://github.com/acme/tool/commit/" in ran.out


def test_the_next_version_is_all_that_stands_on_stdout(shell: Shell) -> None:
    shell.commit("feat: y")
    assert shell.shipit("version").out == "1.0.0\n"
    assert shell.shipit("version", "--next").out == "1.1.0\n"
    assert shell.shipit("version", "--type", "major").out == "2.0.0\n"
    assert shell.shipit("version", "--next", "--pre", "rc").out == "1.1.0-rc.1\n"


def test_nothing_to_release_prints_nothing_and_says_why(shell: Shell) -> None:
    ran = shell.shipit("version", "--next")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing to release: no commits since v1.0.0" in ran.err


def test_json_tells_all_spellings_and_every_commit(shell: Shell) -> None:
    shell.commit("feat: y")
    found = json.loads(shell.shipit("version", "--why", "--pre", "rc", "--json").out)
    assert (found["version"], found["pep440"], found["tag"]) == ("1.1.0-rc.1", "1.1.0rc1", "v1.1.0-rc.1")
    assert [row["effect"] for row in found["commits"]] == ["minor"]


def test_a_shallow_clone_is_refused_and_never_called_a_first_release(shell: Shell, tmp_path: Path) -> None:
    shell.commit("feat: y")
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", "--no-tags", shell.top.as_uri(), str(tmp_path / "shallow")],
        check=True,
    )
    shell.top = tmp_path / "shallow"
    for words in (("version", "--next"), ("changelog",), ("changelog", "--all")):
        ran = shell.shipit(*words)
        assert (ran.code, ran.out) == (4, "")
        assert "git fetch --unshallow --tags" in ran.err


def test_bump_writes_the_version_files_and_commits_nothing(shell: Shell) -> None:
    shell.commit("feat: y")
    before = shell.git("rev-parse", "HEAD")
    ran = shell.shipit("version", "bump", "--pre", "rc")
    assert ran.out == "1.1.0-rc.1\n"
    assert (shell.top / "pyproject.toml").read_text() == PYPROJECT.replace('"1.0.0"', '"1.1.0rc1"')
    assert shell.shipit("version").out == "1.1.0-rc.1\n"
    assert shell.git("rev-parse", "HEAD") == before
    assert shell.shipit("version", "bump", "2.0.0").out == "2.0.0\n"
    assert shell.shipit("version", "bump", "2.0").code == 2


def test_writing_the_changelog_is_one_insertion_and_happens_once(shell: Shell) -> None:
    shell.commit("feat: y")
    path = shell.top / "CHANGELOG.md"
    before = path.read_text()
    assert shell.shipit("changelog", "--write").code == 0
    after = path.read_text()
    assert after.startswith("# Changelog\n\n## [1.1.0](https://github.com/acme/tool/compare/v1.0.0...v1.1.0) - ")
    assert after.endswith(before.removeprefix("# Changelog\n\n"))
    shell.shipit("changelog", "--write")
    assert path.read_text() == after


def test_the_whole_changelog_has_a_section_for_each_release(shell: Shell) -> None:
    shell.commit("fix: y", tag="v1.0.1")
    shell.commit("feat: z")
    titles = [line for line in shell.shipit("changelog", "--all").out.splitlines() if line.startswith("## ")]
    assert [title.partition(" - ")[0] for title in titles] == ["## Unreleased", "## [1.0.1]", "## [1.0.0]"]
    (shell.top / "CHANGELOG.md").unlink()
    assert shell.shipit("changelog", "--all", "--write").code == 0
    written = (shell.top / "CHANGELOG.md").read_text()
    assert written.index("## [1.0.1]") < written.index("## [1.0.0]")
    assert shell.shipit("changelog", "--all", "--write").code == 4


def test_a_range_is_told_from_tag_to_tag(shell: Shell) -> None:
    shell.commit("fix: y", tag="v1.0.1")
    shell.commit("feat: z")
    ran = shell.shipit("changelog", "v1.0.0..v1.0.1")
    assert ran.out.startswith("## [1.0.1] - ")
    assert "- y (" in ran.out
    assert "- z (" not in ran.out


@pytest.mark.parametrize(
    "words",
    [("changelog", "v1"), ("changelog", "-x..y"), ("changelog", "a..b"), ("changelog", "--all", "--unreleased")],
)
def test_a_wrong_command_line_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    ran = shell.shipit(*words)
    assert (ran.code, ran.out) == (2, "")
