"""Bar S0 on the sample product: 69.9 %, 75 % and 80 % of it covered, in tests, release and production."""

import os
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.support.acme import Laid, commit, git, lay_out
from tests.support.inside import Ended, shipit

TESTS = "from acme import made\n\n\ndef test_made():\n    assert made.some(0) == 0\n"


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laid:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return lay_out(tmp_path / "laid")


def cover(laid: Laid, covered: int, of: int = 1000) -> None:
    """Commit a product of `of` statements of which the tests run `covered`, and nothing else."""
    missed = of - covered
    lines = [f"x{number} = 1" for number in range(covered - 5)]  # five more run: version, both functions, return, y
    made = [
        *lines,
        "def some(n):",
        "    return n",
        "def more(n):",
        *(f"    n = {number}" for number in range(missed)),
    ]
    made += ["y = 1"]
    git(laid.clone, "rm", "-rq", "src/acme", "tests")
    before, _, rest = (laid.clone / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.shipit.gates]")
    files = {
        "pyproject.toml": before + rest[rest.index("[tool.shipit.gates.tests]") :],  # no linter likes what comes
        "src/acme/__init__.py": '"""Notes."""\n\n__version__ = "1.0.0"\n',
        "src/acme/made.py": "\n".join(made) + "\n",
    }
    commit(laid.clone, "feat: another product", {**files, "tests/test_made.py": TESTS}, push=True)


def verify(laid: Laid, *words: str) -> Ended:
    return shipit(laid.clone, "verify", "tests", *words)


def test_at_69_9_percent_tests_are_red(laid: Laid) -> None:
    cover(laid, 699)
    found = verify(laid)
    assert found.code == 4, found.err
    assert "coverage 69.9 % is below 70 %" in found.err
    assert "src/acme/made.py: 69.8 %" in found.err


def test_at_75_percent_tests_are_green_but_release_and_production_refuse(laid: Laid) -> None:
    cover(laid, 750)
    found = verify(laid)
    assert (found.code, "coverage 75.0 %" in found.err) == (0, True), found.err

    released = shipit(laid.clone, "release", "--yes")
    assert released.code == 4, released.err
    assert "coverage 75.0 % is below 80 %" in released.err
    assert not git(laid.remote, "tag", "--list", "v1.1.0")

    git(laid.clone, "tag", "-a", "-m", "1.1.0", "v1.1.0")
    git(laid.clone, "push", "--quiet", "origin", "v1.1.0")
    words = ("deploy", "--env", "production", "--version", "1.1.0", "--yes")
    deployed = shipit(laid.clone, *words, ACME_WEBHOOK_SECRET="made up for this test")
    assert deployed.code == 4, deployed.err
    assert "coverage 75.0 % is below 80 %" in deployed.err
    live = laid.folder / "live" / "production"
    assert [path.name for path in live.rglob("*") if path.name in {"index.html", "acme.sqlite3"}] == []


def test_at_80_percent_both_are_green(laid: Laid) -> None:
    cover(laid, 800)
    found = verify(laid, "--min-coverage", "80", "--json")
    assert (found.code, '"tests-coverage": "80.0"' in found.out) == (0, True), found.out
    released = shipit(laid.clone, "release", "--yes")
    assert released.code == 0, released.err
    assert git(laid.remote, "tag", "--list", "v1.1.0") == "v1.1.0"


def test_integration_tests_get_a_database_that_is_empty_and_migrated(laid: Laid) -> None:
    test = """import os, sqlite3


def test_database():
    place = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)
        database.execute("CREATE TABLE left_behind (id)")
"""
    settings = (laid.clone / "pyproject.toml").read_text(encoding="utf-8")
    settings = settings.replace('junit-file = "', 'integration = "tests/integration"\njunit-file = "')
    settings += '\n[tool.shipit.environments.testing]\ndatabase.url = "sqlite:///testing.sqlite3"\n'
    commit(laid.clone, "test: a database", {"pyproject.toml": settings, "tests/integration/test_it.py": test})
    for _ in range(2):  # what the first run left is gone in the second
        found = verify(laid, "--integration")
        assert found.code == 0, found.err
    settings = settings.replace("testing.sqlite3", "other.sqlite3")
    commit(laid.clone, "test: another", {"pyproject.toml": settings})
    assert shipit(laid.clone, "verify", "tests", "--unit").code == 2
    with sqlite3.connect(laid.clone / "other.sqlite3") as other:
        other.execute("CREATE TABLE kept (id)")
    other.close()
    found = verify(laid, "--integration")
    assert (found.code, "table kept" in found.err) == (4, True), found.err
    assert verify(laid, "--integration", "--unit").code == 2


def test_with_verbose_every_line_of_a_linter_is_shown_and_not_only_the_last_ones(laid: Laid) -> None:
    commit(
        laid.clone, "feat: imports", {"src/acme/many.py": "".join(f"import a{number}\n" for number in range(30))}
    )
    shown = {words: shipit(laid.clone, "verify", "lint", *words) for words in ((), ("--verbose",))}
    assert {found.code for found in shown.values()} == {4}
    first = "`a0` imported but unused"
    assert [first in found.err for found in shown.values()] == [False, True]


def test_each_question_is_answered_also_where_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    settings = '[tool.shipit.gates.tests]\nrun = "true"\nintegration = "now"\n'
    commit_here(tmp_path, {"pyproject.toml": settings})
    for question in ("lint", "types"):
        found = shipit(tmp_path, "verify", question)
        assert (found.code, f"{question} inconclusive" in found.err) == (4, True), found.err
    assert shipit(tmp_path, "verify", "tests", "--integration").code == 0  # there is no environment `testing`


def test_a_configuration_below_the_top_is_named_or_refused_but_never_passed_over_in_silence(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    gates = '[tool.shipit.gates.tests]\nrun = "{}"\n'
    commit_here(tmp_path, {"below/pyproject.toml": gates.format("false"), "pyproject.toml": ""})
    for words in (("verify", "tests"), ("version",)):
        found = shipit(tmp_path / "below", *words)
        assert (found.code, "below/pyproject.toml" in found.err) == (2, True), found.err
    (tmp_path / "pyproject.toml").write_text(gates.format("true"), encoding="utf-8")
    found = shipit(tmp_path / "below", "verify", "tests")
    assert found.code == 0, found.err
    assert "below/pyproject.toml is not read: the configuration is that of" in found.err
    assert "judged by its exit code alone" in found.err


def commit_here(top: Path, files: dict[str, str]) -> None:
    git(top, "config", "user.name", "Ada")
    git(top, "config", "user.email", "ada@acme.example")
    commit(top, "feat: small", files)
