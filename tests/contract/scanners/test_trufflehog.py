"""trufflehog as a program on PATH that behaves as it does: it cannot be installed where these tests run."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from shipit.adapters.scanners import scanner
from shipit.errors import Unavailable, UsageError
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings
from tests.support import seeded
from tests.support.fake_scanners import install_trufflehog
from tests.support.repository import Repository

Scan = Callable[..., Sighting]


def address(host: str = "nowhere") -> str:
    """A line with a password in an address, put together here so that it stands in no file of this repository."""
    return "@".join((f"https://somebody:{seeded.WORD}", f"{host}.test/path\n"))


class Place:
    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.here = Repository(folder / "a tree")
        self.said: list[str] = []
        self.write("-a b.py", "print('hello')\n")
        self.write("empty.txt", "")
        self.here.commit("feat: begin")

    def write(self, name: str, text: str) -> None:
        (self.here.top / name).write_text(text, "utf-8")
        self.here.git("add", "--", name)

    def scan(
        self,
        more: str = "",
        variables: Mapping[str, str] | None = None,
        timeout: float = 60,
        tree: Path | None = None,
    ) -> Sighting:
        """Scan with trufflehog changed by `more`; nothing that comes back has the secret in it."""
        install_trufflehog(self.programs, more)
        return self.look(variables or {}, timeout, tree or self.here.top)

    def look(self, variables: Mapping[str, str], timeout: float, tree: Path) -> Sighting:
        settings = ScanSettings(
            tree=tree,
            tracked=tuple(self.here.git("ls-files").splitlines()),
            licenses=(),
            codeql_sarif=tree / "codeql.sarif",
            images=(),
            project_name="seeded",
            timeout=timeout,
            environment={"PATH": str(self.programs), **variables},
        )
        found = scanner("trufflehog", settings).scan(self.said.append)
        assert seeded.WORD not in f"{found}{self.said}"
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_each_tracked_file_is_seen_and_what_is_planted_is_found_in_files_and_in_a_history(place: Place) -> None:
    found = place.scan()
    assert (found.seen, found.expected, found.unit, found.alive) == (2, 2, "files", True)
    assert (found.findings, found.fault, found.tool) == ((), "", "trufflehog 3.95.0")
    assert [command[1] for command in found.commands] == ["filesystem", "git", "git"]
    assert all("--no-verification" in command for command in found.commands)
    assert place.said == []


def test_a_secret_is_found_where_it_is_and_where_it_was(place: Place) -> None:
    place.write("now.py", f"\n{address()}")
    place.write("gone.py", address())
    place.here.commit("feat: more")
    place.write("gone.py", "\n")
    place.here.commit("fix: less")
    now, before = place.scan().findings
    assert (now.rule, now.severity.value, now.path, now.line) == ("URI", "high", "now.py", 2)
    assert (before.path, before.line) == ("gone.py", 0)
    assert before.title.startswith("what looks like a secret in the history, commit ")


def test_only_where_something_is_found_it_is_asked_whether_it_works_and_that_is_critical(place: Place) -> None:
    place.write("now.py", address("a.works"))
    found = place.scan()
    assert [(one.severity.value, one.title) for one in found.findings] == [("critical", "a secret that works")]
    assert found.commands[-1][-1] == "./now.py"
    assert "--no-verification" not in found.commands[-1]
    place.here.commit("feat: more")
    assert place.scan().commands[-1][1] == "git"


def test_in_a_hook_of_git_it_looks_at_everything_all_the_same(place: Place) -> None:
    found = place.scan(variables={"PRE_COMMIT": "1"})
    assert (found.alive, found.fault) == (True, "")


def test_a_shallow_clone_is_said_to_be_one(place: Place, tmp_path: Path) -> None:
    place.here.commit("feat: more")
    shallow = tmp_path / "shallow"
    place.here.git("clone", "--quiet", "--depth=1", f"file://{place.here.top}", str(shallow))
    assert place.scan(tree=shallow).alive
    assert place.said == ["a shallow clone: what an earlier commit had is not looked at"]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("said.clear()", "trufflehog does not say which files it reads"),
        ("chunks = 0", "trufflehog read nothing: 0 chunks"),
        ("sys.exit(0)", "trufflehog did not come to its end, it ended with exit code 0"),
        ("sys.exit(1)", "trufflehog did not come to its end, it ended with exit code 1"),
        ("print('all is well')", "trufflehog printed a finding of another shape"),
        ("said.append({'level': 'error', 'msg': 'error scanning'})", "trufflehog reports an error: error scanning"),
    ],
)
def test_a_trufflehog_that_did_not_look_is_never_clean(place: Place, more: str, fault: str) -> None:
    assert place.scan(more).fault == fault


def test_rules_that_were_emptied_find_nothing_planted_and_a_file_that_was_left_out_is_counted(place: Place) -> None:
    assert not place.scan("found.clear()").alive
    found = place.scan("said[:] = [one for one in said if 'empty' not in one['path']]")
    assert (found.seen, found.expected) == (1, 2)


def test_a_trufflehog_that_is_not_there_has_not_run_and_one_that_hangs_is_ended(place: Place) -> None:
    with pytest.raises(UsageError, match="`trufflehog` is not installed"):
        place.look({}, 60, place.here.top)
    with pytest.raises(Unavailable, match="did not end within"):
        place.scan("__import__('time').sleep(60)", timeout=1)
