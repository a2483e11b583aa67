"""`shipit version` from its command line down, on real repositories."""

from pathlib import Path

import pytest

from shipit.errors import Refused, UsageError
from tests.support import inside
from tests.support.light import PYPROJECT, Clone

PACKAGES = """
[tool.shipit.packages.tiny]
path = "packages/tiny/"
"""
LONG = "rename what everybody has used since the very beginning, so that it says what it is"
PSR = """
[tool.semantic_release]
version_toml = ["pyproject.toml:project.version"]
"""
LOCK = """version = 1

[[package]]
name = "tool"
version = "1.0.0"
source = { editable = "." }
"""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    made = Clone(tmp_path / "work")
    monkeypatch.chdir(made.top)
    return made


def tag_elsewhere(clone: Clone) -> None:
    """Put the tag of the next version beside the branch, which goes on from the last release."""
    clone.change("feat: released from another clone", tag="v1.1.0")
    clone.git("reset", "--quiet", "--hard", "v1.0.0")
    clone.change("feat: more")


class TestTheCurrentVersion:
    def test_is_that_of_the_version_files(self, clone: Clone) -> None:
        assert clone.shipit("version").stdout == "1.0.0\n"

    def test_is_spelled_for_every_reader_as_json(self, clone: Clone) -> None:
        clone.write("pyproject.toml", PYPROJECT.replace("1.0.0", "1.1.0rc2"))
        assert clone.data("version") == {"version": "1.1.0-rc.2", "pep440": "1.1.0rc2", "tag": "v1.1.0-rc.2"}

    def test_is_that_of_the_highest_tag_where_no_file_tells_it(self, clone: Clone) -> None:
        clone.configure("version.files = []")
        clone.change("feat: more", tag="v1.1.0-rc.1")
        clone.git("tag", "nightly")
        assert clone.shipit("version").stdout == "1.1.0-rc.1\n"

    def test_is_none_before_the_first_release(self, clone: Clone) -> None:
        clone.configure("version.files = []")
        clone.git("tag", "--delete", "v1.0.0")
        result = clone.shipit("version")
        assert (result.stdout, result.stderr) == ("", "no version yet\n")
        assert clone.data("version") == {"version": None}

    def test_is_not_guessed_where_the_files_do_not_agree(self, clone: Clone) -> None:
        clone.configure('version.files = ["pyproject.toml:project.version", "tool.py:VERSION"]')
        clone.write("tool.py", 'VERSION = "1.0.1"\n')
        stop = clone.stops(Refused, ["version"])
        assert stop.what == "the version files do not agree"
        assert stop.evidence == ("pyproject.toml:project.version: 1.0.0", "tool.py:VERSION: 1.0.1")

    def test_needs_the_files_that_are_named(self, clone: Clone) -> None:
        clone.configure('version.files = ["tool.py:VERSION"]')
        stop = clone.stops(Refused, ["version"])
        assert stop.what == "tool.py is not there, but version.files names it"
        clone.write("tool.py", "").write_bytes(b'VERSION = "\xff"\n')
        assert clone.stops(Refused, ["version"]).what == "tool.py cannot be read"


class TestTheNextVersion:
    def test_is_all_that_is_printed(self, clone: Clone) -> None:
        clone.change("feat: more")
        result = clone.shipit("version", "--next")
        assert (result.stdout, result.stderr) == ("1.1.0\n", "")

    @pytest.mark.parametrize(
        ("words", "version"), [(["--type", "major"], "2.0.0"), (["--type", "patch", "--pre", "rc"], "1.0.1-rc.1")]
    )
    def test_is_of_the_kind_that_is_asked_for(self, clone: Clone, words: list[str], version: str) -> None:
        clone.change("feat: more")
        assert clone.shipit("version", *words).stdout == f"{version}\n"

    def test_is_explained_commit_by_commit(self, clone: Clone) -> None:
        clone.change("feat: more")
        clone.change("docs: tell")
        top, *_, newest, oldest, blank, basis, gap, version = clone.shipit("version", "--why").stdout.splitlines()
        assert top.startswith("1.1.0: minor, after v1.0.0: ")
        assert top.endswith(" feat: more")
        assert "docs: tell" in newest
        assert "feat: more" in oldest
        assert (blank, basis, gap, version) == ("", "1.1.0 counts from v1.0.0", "", "1.1.0")

    def test_is_explained_in_the_columns_of_the_terminal(self, clone: Clone) -> None:
        clone.change(f"feat: {LONG}")
        lines = inside.on_terminal(clone.top, 60, "version", "--why").out.splitlines()
        assert max(map(len, lines)) <= 60
        assert lines[-1] == "1.1.0"
        assert {*LONG.split()} <= {word for line in lines for word in line.split()}
        piped = inside.shipit(clone.top, "version", "--why").out.splitlines()
        assert max(map(len, piped)) > 60

    def test_that_a_person_named_is_told_with_the_reason(self, clone: Clone) -> None:
        clone.change("fix: it")
        said = clone.shipit("version", "--why", "--as", "3.0.0", "--reason", "a new beginning").stdout
        assert said.endswith("3.0.0 was asked for: a new beginning\n\n3.0.0\n")
        assert clone.data("version", "--as", "3.0.0", "--reason", "so")["reason"] == "so"

    def test_is_told_with_its_facts_as_json(self, clone: Clone) -> None:
        clone.change("feat: more")
        assert clone.data("version", "--next", "--pre", "beta") == {
            "version": "1.1.0-beta.1",
            "pep440": "1.1.0b1",
            "tag": "v1.1.0-beta.1",
            "previous": "v1.0.0",
            "reason": None,
        }
        (row,) = clone.data("version", "--why")["commits"]
        assert (row["effect"], row["subject"]) == ("minor", "feat: more")

    def test_is_none_where_no_commit_asks_for_a_release(self, clone: Clone) -> None:
        result = clone.shipit("version", "--next")
        assert (result.stdout, result.stderr) == ("", "nothing to release: no commits since v1.0.0\n")
        clone.change("docs: tell")
        facts = clone.data("version", "--next")
        assert (facts["version"], facts["pep440"], facts["tag"]) == (None, None, None)
        assert facts["reason"] == "no commit since v1.0.0 asks for a release"
        said = clone.shipit("version", "--why")
        assert "docs: tell" in said.stdout
        assert said.stderr == "nothing to release: no commit since v1.0.0 asks for a release\n"

    def test_is_not_named_and_asked_for_at_once(self, clone: Clone) -> None:
        clone.stops(UsageError, ["version", "--as", "2.0.0", "--reason", "so", "--type", "major"])

    def test_is_not_that_of_a_tag_on_another_line_of_history(self, clone: Clone) -> None:
        tag_elsewhere(clone)
        stop = clone.stops(Refused, ["version", "--next"])
        assert stop.what == "the next version would be 1.1.0, but the tag v1.1.0 exists on another line of history"

    def test_is_not_guessed_on_a_branch_that_lacks_what_its_remote_has(self, clone: Clone) -> None:
        tag_elsewhere(clone)
        branch = clone.git("branch", "--show-current").strip()
        clone.git("config", "remote.origin.url", ".")
        clone.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
        clone.git("update-ref", f"refs/remotes/origin/{branch}", "v1.1.0")
        clone.git("config", f"branch.{branch}.remote", "origin")
        clone.git("config", f"branch.{branch}.merge", f"refs/heads/{branch}")
        stop = clone.stops(Refused, ["version", "--next"])
        assert stop.what == f"{branch} here is 1 commit behind and 1 ahead of origin/{branch}"
        assert "v1.1.0 exists on another line of history" in stop.evidence[0]
        assert stop.hint == "git pull --rebase"

    def test_of_a_package_follows_from_the_commits_that_touch_its_folder(self, clone: Clone) -> None:
        clone.write("pyproject.toml", PYPROJECT + PACKAGES)
        clone.write("packages/tiny/pyproject.toml", '[project]\nname = "tiny"\nversion = "0.3.0"\n')
        clone.change("feat: tiny", tag="tiny-v0.3.0")
        clone.write("packages/tiny/tiny.py", "")
        clone.change("fix: tiny")
        clone.write("elsewhere.py", "")
        clone.change("feat: elsewhere")
        assert clone.shipit("version", "--package", "tiny").stdout == "0.3.0\n"
        assert clone.shipit("version", "--next", "--package", "tiny").stdout == "0.3.1\n"
        assert clone.shipit("version", "--next").stdout == "1.1.0\n"

    def test_on_a_maintenance_branch_stays_on_its_line(self, clone: Clone) -> None:
        clone.git("switch", "--quiet", "--create", "1.0.x")
        clone.change("feat: more")
        stop = clone.stops(Refused, ["version", "--next"])
        assert stop.what == "the next version would be 1.1.0, which does not belong on 1.0.x"


class TestBump:
    def test_writes_the_next_version_and_prints_it(self, clone: Clone) -> None:
        clone.change("feat: more")
        result = clone.shipit("version", "bump", "--pre", "rc")
        assert (result.stdout, result.stderr) == ("1.1.0-rc.1\n", "wrote 1.1.0-rc.1 to pyproject.toml\n")
        assert clone.read("pyproject.toml") == PYPROJECT.replace("1.0.0", "1.1.0rc1")

    def test_writes_nothing_where_there_is_nothing_to_release(self, clone: Clone) -> None:
        result = clone.shipit("version", "bump")
        assert (result.stdout, result.stderr) == ("", "nothing to release: no commits since v1.0.0\n")
        assert clone.read("pyproject.toml") == PYPROJECT

    def test_writes_every_place_and_the_lock_file_once(self, clone: Clone) -> None:
        clone.configure('version.files = ["pyproject.toml:project.version", "tool.py:A", "tool.py:B"]')
        clone.write("tool.py", 'A = "1.0.0"\r\nB = "1.0.0"\r\n')
        clone.write("uv.lock", LOCK)
        wrote = clone.shipit("version", "bump", "2.0.0").stderr.splitlines()
        assert wrote == [f"wrote 2.0.0 to {path}" for path in ("pyproject.toml", "tool.py", "uv.lock")]
        assert clone.read("tool.py") == 'A = "2.0.0"\r\nB = "2.0.0"\r\n'
        assert clone.read("uv.lock") == LOCK.replace('"1.0.0"', '"2.0.0"')
        assert clone.shipit("version", "bump", "2.0.0").stderr == ""

    def test_takes_no_version_that_no_index_knows(self, clone: Clone) -> None:
        clone.stops(UsageError, ["version", "bump", "2.0.0-next.1"])
        assert clone.read("pyproject.toml") == PYPROJECT


class TestAnotherTool:
    """What another tool, configured in this repository, would answer is said beside the answer."""

    ADDED = "tool.semantic_release.add_partial_tags is not taken over: shipit has no such setting"

    @pytest.mark.parametrize("words", [(), ("--next",), ("--why",), ("bump",)], ids=" ".join)
    def test_is_told_on_stderr_with_the_key_that_settles_it(self, clone: Clone, words: tuple[str, ...]) -> None:
        clone.write("pyproject.toml", f"{PYPROJECT}{PSR}add_partial_tags = true\n")
        clone.change("fix: it")
        result = clone.shipit("version", *words)
        said = [line for line in result.stderr.splitlines() if not line.startswith("wrote ")]
        assert said == [f"{self.ADDED}; set version.tag-format"]
        assert result.stdout.endswith("1.0.0\n" if not words else "1.0.1\n")

    def test_is_compared_with_the_next_version_on_this_branch(self, clone: Clone) -> None:
        clone.write("pyproject.toml", PYPROJECT + PSR)
        clone.git("switch", "--quiet", "--create", "topic")
        clone.change("fix: it")
        line = "python-semantic-release releases nothing from topic, which no group of its branches has"
        assert clone.shipit("version", "--next").stderr == f"{line}: set branches.main\n"
        assert clone.shipit("version").stderr == ""

    def test_counts_the_first_release_from_the_version_in_the_files(self, clone: Clone) -> None:
        table = '\n[tool.commitizen]\ntag_format = "v$version"\nversion_provider = "pep621"\n'
        clone.write("pyproject.toml", PYPROJECT.replace("1.0.0", "0.1.0") + table)
        clone.git("tag", "--delete", "v1.0.0")
        clone.change("feat: more")
        result = clone.shipit("version", "--next")
        assert result.stdout == "0.1.0\n"
        assert result.stderr == (
            'commitizen would make 0.2.0 of the first release, shipit makes 0.1.0: set version.initial = "0.2.0"\n'
        )
        assert clone.shipit("version", "--type", "minor").stderr == ""

    def test_of_a_package_says_only_what_is_not_taken_over(self, clone: Clone) -> None:
        clone.write("pyproject.toml", f"{PYPROJECT}{PSR}add_partial_tags = true\n{PACKAGES}")
        clone.write("packages/tiny/pyproject.toml", '[project]\nname = "tiny"\nversion = "0.3.0"\n')
        clone.git("switch", "--quiet", "--create", "topic")
        clone.change("feat: tiny", tag="tiny-v0.3.0")
        clone.write("packages/tiny/tiny.py", "")
        clone.change("fix: tiny")
        result = clone.shipit("version", "--next", "--package", "tiny")
        assert (result.stdout, result.stderr) == ("0.3.1\n", f"{self.ADDED}; set version.tag-format\n")

    def test_that_is_only_mentioned_is_none(self, clone: Clone) -> None:
        clone.write("pyproject.toml", f"{PYPROJECT}\n[tool.other]\nname = 'commitizen'\n")
        clone.change("fix: it")
        result = clone.shipit("version", "--next")
        assert (result.stdout, result.stderr) == ("1.0.1\n", "")


class TestMentions:
    @pytest.fixture
    def mentioning(self, clone: Clone) -> Clone:
        clone.configure('version.mentions = ["README.md:pip install"]')
        clone.write("README.md", "pip install tool==1.0.0\nsince 1.0.0\n")
        clone.change("feat: more")
        return clone

    def test_are_renewed_with_the_version_files(self, mentioning: Clone) -> None:
        result = mentioning.shipit("version", "bump")
        assert result.stderr == "wrote 1.1.0 to pyproject.toml\nwrote 1.1.0 to README.md\n"
        assert mentioning.read("README.md") == "pip install tool==1.1.0\nsince 1.0.0\n"

    def test_are_renewed_from_the_version_of_the_tag_where_no_file_has_one(self, clone: Clone) -> None:
        clone.configure('version.files = []\nversion.mentions = ["README.md"]')
        clone.write("README.md", "tool 1.0.0\n")
        clone.change("fix: it")
        assert clone.shipit("version", "bump").stderr.endswith("wrote 1.0.1 to README.md\n")
        assert clone.read("README.md") == "tool 1.0.1\n"

    @pytest.mark.parametrize("words", [("--why",), ("--type", "minor"), ("bump",)], ids=" ".join)
    def test_in_which_the_version_does_not_stand_are_named(self, mentioning: Clone, words: tuple[str, ...]) -> None:
        mentioning.write("README.md", "pip install tool==0.9.0\nsince 1.0.0\n")
        said = mentioning.shipit("version", *words).stderr.splitlines()
        assert said[0] == (
            "README.md:pip install: the current version does not stand there; correct version.mentions"
        )
        assert mentioning.read("README.md") == "pip install tool==0.9.0\nsince 1.0.0\n"

    def test_that_are_not_there_are_refused_before_anything_is_written(self, mentioning: Clone) -> None:
        (mentioning.top / "README.md").unlink()
        stop = mentioning.stops(Refused, ["version", "bump", "2.0.0"])
        assert stop.what == "README.md is not there, but version.mentions names it"
        assert stop.hint == "correct version.mentions"
        assert 'version = "1.0.0"' in mentioning.read("pyproject.toml")

    def test_that_cannot_be_read_are_refused_with_their_key(self, mentioning: Clone) -> None:
        mentioning.write("README.md", "").write_bytes(b"\xff")
        stop = mentioning.stops(Refused, ["version", "bump", "2.0.0"])
        assert (stop.what, stop.hint) == ("README.md cannot be read", "correct version.mentions")


class TestBumpWhereNobodyNamedThePlaces:
    DYNAMIC = '[project]\nname = "tool"\ndynamic = ["version"]\n'

    def test_refuses_where_the_place_is_not_known_and_says_how_it_is_named(self, clone: Clone) -> None:
        text = f'[build-system]\nbuild-backend = "own"\n{self.DYNAMIC}'
        clone.write("pyproject.toml", text)
        stop = clone.stops(Refused, ["version", "bump", "2.0.0"])
        assert (stop.what, stop.where) == ("it is not known where the version is written", "pyproject.toml")
        assert stop.evidence == ("the build backend own is not known to shipit",)
        assert (stop.hint or "").startswith('set version.files = ["PATH:NAME"], such as ')
        assert clone.read("pyproject.toml") == text

    def test_says_that_nothing_is_written_where_the_tag_alone_holds_the_version(self, clone: Clone) -> None:
        hatch = '[build-system]\nbuild-backend = "hatchling.build"\n[tool.hatch.version]\nsource = "vcs"\n'
        text = hatch + self.DYNAMIC
        clone.write("pyproject.toml", text)
        clone.change("feat: more")
        result = clone.shipit("version", "bump")
        assert result.stdout == "1.1.0\n"
        assert result.stderr == "nothing is written: tool.hatch.version.source = vcs: from the tag\n"
        assert clone.read("pyproject.toml") == text

    def test_names_a_second_place_that_keeps_the_version(self, clone: Clone) -> None:
        clone.write("tool/__init__.py", '__version__ = "1.0.0"\n')
        result = clone.shipit("version", "bump", "2.0.0")
        said, wrote = result.stderr.splitlines()
        assert said.startswith("tool/__init__.py:__version__ keeps the version 1.0.0: nothing writes it; ")
        assert wrote == "wrote 2.0.0 to pyproject.toml"


def outside_of(clone: Clone, text: str = PYPROJECT) -> Path:
    """A file beside the repository, and the folder that it is alone in."""
    folder = clone.top.parent / "outside"
    folder.mkdir()
    (folder / "file").write_text(text)
    return folder / "file"


class TestBumpThroughALink:
    @pytest.mark.parametrize("path", ["pyproject.toml", "uv.lock"])
    def test_to_a_file_outside_of_the_repository_is_refused(self, clone: Clone, path: str) -> None:
        clone.write("uv.lock", LOCK)
        outside = outside_of(clone, clone.read(path))
        (clone.top / path).unlink()
        (clone.top / path).symlink_to(outside)
        before = {name: clone.read(name) for name in ("pyproject.toml", "uv.lock")}
        stop = clone.stops(Refused, ["version", "bump", "2.0.0"])
        assert (stop.what, stop.exit_code) == (f"{path} leads out of the repository", 4)
        assert stop.evidence == (f"{path} is a link to {outside}",)
        assert {name: clone.read(name) for name in before} == before
        assert [one.name for one in outside.parent.iterdir()] == ["file"]

    def test_to_a_folder_outside_of_the_repository_is_refused_before_any_file_is_written(
        self, clone: Clone
    ) -> None:
        outside = outside_of(clone, 'VERSION = "1.0.0"\n')
        (clone.top / "linked").symlink_to(outside.parent)
        clone.configure('version.files = ["pyproject.toml:project.version", "linked/file:VERSION"]')
        stop = clone.stops(Refused, ["version", "bump", "2.0.0"])
        assert stop.evidence == (f"linked is a link to {outside.parent}",)
        assert outside.read_text() == 'VERSION = "1.0.0"\n'
        assert 'version = "1.0.0"' in clone.read("pyproject.toml")

    def test_into_the_folder_of_git_is_refused(self, clone: Clone) -> None:
        hook = clone.write(".git/hooks/tool.py", 'VERSION = "1.0.0"\n')
        (clone.top / "tool.py").symlink_to(hook)
        clone.configure('version.files = ["tool.py:VERSION"]')
        assert "leads out of" in clone.stops(Refused, ["version", "bump", "2.0.0"]).what
        assert hook.read_text() == 'VERSION = "1.0.0"\n'

    def test_inside_of_the_repository_writes_the_file_that_it_names(self, clone: Clone) -> None:
        made = clone.write("src/tool.py", 'VERSION = "1.0.0"\n')
        (clone.top / "tool.py").symlink_to("src/tool.py")
        clone.configure('version.files = ["tool.py:VERSION"]')
        clone.shipit("version", "bump", "2.0.0")
        assert made.read_text() == 'VERSION = "2.0.0"\n'
        assert (clone.top / "tool.py").is_symlink()

    def test_that_lies_where_a_half_written_file_would_be_is_not_followed(self, clone: Clone) -> None:
        outside = outside_of(clone, "mine")
        (clone.top / ".pyproject.toml.partial").symlink_to(outside)
        clone.shipit("version", "bump", "2.0.0")
        assert outside.read_text() == "mine"
        assert 'version = "2.0.0"' in clone.read("pyproject.toml")
        assert not (clone.top / ".pyproject.toml.partial").is_symlink()
