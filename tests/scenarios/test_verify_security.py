"""shipit verify security from the command line, with programs on PATH in the place of scanners."""

import base64
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shipit.images.tags import SHORT
from tests.support.fake_scanners import image, install_trivy
from tests.support.inside import Ended
from tests.support.inside import shipit as inside
from tests.support.repository import Repository
from tests.support.run import Ran, environment, shipit, start, wait

SECRET = "-".join(("never", "shown", "anywhere"))  # noqa: FLY002 - no scanner of this repository is to see it
PYPROJECT = """[project]
name = "acme"
version = "1.0.0"
dependencies = []

[tool.shipit]
forge.kind = "none"

[tool.shipit.security]
scans = ["bandit", "pip-licenses"]
baseline = "known.json"
"""
BANDIT = """#!{python}
# finds every line with shell=True in the files that it is given, and quotes it as bandit does
import json, os, sys

if "--version" in sys.argv:
    sys.exit(print("bandit 1.9.4"))
files = [word for word in sys.argv[1:] if word.endswith(".py")]
results = []
for file in files:
    for number, line in enumerate(open(file), 1):
        if "shell=True" in line:
            results.append(
                {{
                    "test_id": "B602",
                    "issue_severity": "HIGH",
                    "issue_text": "subprocess call with shell=True",
                    "filename": file,
                    "line_number": number,
                    "code": line,
                }}
            )
            print(line, file=sys.stderr)
{more}
metrics = {{**{{file: {{}} for file in files}}, "_totals": {{}}}}
print(json.dumps({{"errors": [], "metrics": metrics, "results": results}}))
sys.exit(1 if results else 0)
"""


class Place:
    """A repository with two Python files, and a folder of programs that comes first on PATH."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.here = Repository(folder / "here")
        self.top = self.here.top
        self.write("pyproject.toml", PYPROJECT)
        self.write("app.py", "print('hello')\n")
        self.write("tool.py", "print('hello')\n")
        self.here.commit("feat: begin")
        self.bandit()

    def write(self, path: str, text: str) -> None:
        (self.top / path).write_text(text)
        self.here.git("add", path)

    def bandit(self, more: str = "") -> None:
        """The program that finds things; `more` runs before it prints its report."""
        program = self.programs / "bandit"
        program.write_text(BANDIT.format(python=sys.executable, more=more))
        program.chmod(0o755)

    def waive(self, text: str) -> None:
        self.write("pyproject.toml", f"{PYPROJECT}\n[tool.shipit.security.waivers.known]\n{text}\n")

    def verify(self, *words: str) -> Ran:
        path = {"PATH": f"{self.programs}:/usr/bin:/bin"}
        return shipit(self.top, "verify", "security", *words, env=environment(**path))

    @property
    def report(self) -> Mapping[str, Any]:
        text = (self.top / "reports" / "security.json").read_text()
        return {one["scan"]: one for one in json.loads(text)["scans"]}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_is_clean_ends_with_0_and_what_has_nothing_to_scan_does_not_count(place: Place) -> None:
    ran = place.verify().ended(0)
    assert "✓  bandit        clean    2/2 files" in ran.stderr
    assert "pip-licenses: not run: nothing to scan" in ran.stderr
    assert place.report["bandit"]["tool"] == "bandit 1.9.4"
    assert place.here.git("status", "--short", "reports") == ""


def test_a_finding_ends_with_4_until_it_is_waived_or_in_the_baseline(place: Place) -> None:
    place.write("tool.py", f"import subprocess\nsubprocess.run('{SECRET}', shell=True)\n")
    ran = place.verify("--only", "bandit").ended(4)
    assert "tool.py:2: high B602 subprocess call with shell=True" in ran.stderr
    place.waive('scan = "bandit"\nfinding = "B602"\nreason = "a tool of ours"\nuntil = 2999-12-31')
    assert "waiver known (bandit B602, until 2999-12-31): used" in place.verify().ended(0).stderr
    place.waive('scan = "bandit"\nfinding = "B602"\nreason = "a tool of ours"\nuntil = 2020-12-31')
    assert "expired: it does not count" in place.verify().ended(4).stderr
    assert "known.json: 1 finding written" in place.verify("--write-baseline").ended(0).stderr
    place.write("tool.py", f"\n\nimport subprocess\nsubprocess.run('{SECRET}', shell=True)\n")
    place.verify().ended(0)
    place.write("app.py", "run(shell=True)\n")
    assert "app.py:1: high B602" in place.verify().ended(4).stderr
    assert SECRET not in (place.top / "known.json").read_text()


def test_findings_are_written_as_sarif_whatever_the_verdict_and_no_tracked_file_is_overwritten(
    place: Place,
) -> None:
    place.write("tool.py", f"import subprocess\nsubprocess.run('{SECRET}', shell=True)\n")
    ran = place.verify("--json", "--sarif", "new/x.sarif").ended(4)
    [last] = ran.events("outcome")
    assert (last["outputs"]["sarif"], last["outputs"]["sarif-files"]) == ("new/x.sarif", "new/x.sarif")
    text = (place.top / "new/x.sarif").read_text()
    runs = {run["tool"]["driver"]["name"]: run for run in json.loads(text)["runs"]}
    [found] = runs["bandit"]["results"]
    assert (found["ruleId"], SECRET in text) == ("B602", False)
    assert re.fullmatch(r"[0-9a-f]+:1", found["partialFingerprints"]["primaryLocationLineHash"])
    assert runs["pip-licenses"]["results"] == []
    assert "app.py is tracked by git" in place.verify("--sarif", "app.py").ended(2).stderr


def test_findings_are_written_as_a_page_that_links_their_lines(place: Place) -> None:
    place.write("tool.py", "import subprocess\nsubprocess.run('ls', shell=True)\n")
    ran = place.verify("--html", "new/x.html").ended(4)
    assert "new/x.html: the report as a page" in ran.said
    page = (place.top / "new/x.html").read_text()
    assert "tool.py:2" in page
    assert "B602" in page


@pytest.mark.parametrize("words", [(), ("--json",), ("--sarif", "new/x.sarif", "--html", "new/x.html")])
def test_a_secret_on_the_line_of_a_finding_appears_nowhere(place: Place, words: tuple[str, ...]) -> None:
    place.write("tool.py", f"run('{SECRET}', shell=True)\n")
    for more in ("", "print(open(files[-1]).read()); sys.exit(3)", "results[0].pop('test_id')"):
        place.bandit(more)
        ran = place.verify(*words).ended(4)
        files = [path for path in place.top.rglob("*") if path.is_file() and ".git" not in path.parts]
        holding = [path.name for path in files if SECRET in path.read_text()]
        assert (SECRET in ran.said, holding) == (False, ["tool.py"]), more


@pytest.mark.parametrize(
    ("more", "verdict", "why"),
    [
        ("files.pop()", "inconclusive", "it saw 1 of 2 files"),
        ("files.clear()", "inconclusive", "it saw no files, where 2 were expected"),
        ("results.clear()", "inconclusive", "did not find what was planted"),
        ("sys.exit(0)", "inconclusive", "printed nothing and ended with exit code 0"),
        ("sys.exit(print('all is well'))", "inconclusive", "printed no JSON object"),
    ],
)
def test_a_scanner_that_did_not_look_ends_with_4_and_says_why(
    place: Place, more: str, verdict: str, why: str
) -> None:
    place.bandit(more)
    ran = place.verify("--json").ended(4)
    assert place.report["bandit"]["verdict"] == verdict
    assert why in place.report["bandit"]["reason"]
    [last] = ran.events("outcome")
    assert (last["outputs"]["bandit"], last["exit_code"]) == (verdict, 4)


def test_a_scanner_that_is_not_installed_has_not_run_and_may_be_waived(place: Place) -> None:
    (place.programs / "bandit").unlink()
    ran = place.verify().ended(4)
    assert "bandit: not run: `bandit` is not installed or not on PATH" in ran.stderr
    assert "pip install bandit" in ran.stderr
    place.waive('scan = "bandit"\nreason = "not on this runner"\nuntil = 2999-12-31')
    assert "not run (waived)" in place.verify().ended(0).stderr


def test_interrupted_it_does_not_wait_for_scanners_and_leaves_none_behind(place: Place, tmp_path: Path) -> None:
    place.bandit(f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); __import__('time').sleep(100)")
    path = {"PATH": f"{place.programs}:/usr/bin:/bin"}
    child = start(place.top, "verify", "security", env=environment(**path))
    pid = written(tmp_path / "pid")
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    wait(child).ended(130)
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def written(path: Path, read: Callable[[str], Any] = int) -> Any:
    """What a program has written there, a number if nothing else is said, once it has."""
    end = time.monotonic() + 60
    while not (path.is_file() and path.read_text()):
        assert time.monotonic() < end, "the scanner was not started"
        time.sleep(0.05)
    return read(path.read_text())


class TestNotification:
    def verify(self, place: Place, *words: str) -> Ended:
        return inside(place.top, "verify", "security", *words, PATH=f"{place.programs}:/usr/bin:/bin")

    def notified_by(self, place: Place, tmp_path: Path, *more: str) -> Path:
        """Let a program keep what it is notified of, at the path that is returned."""
        kept, program = tmp_path / "kept.json", tmp_path / "keep"
        program.write_text("\n".join(("#!/bin/sh", f"cat > {kept}", *more)) + "\n")
        program.chmod(0o755)
        notify = f'[tool.shipit.notify]\nrun = ["{program}"]\non = ["refused", "complete"]\n'
        place.write("pyproject.toml", f"{PYPROJECT}\n{notify}")
        return kept

    def test_is_of_what_is_complete_and_of_what_is_refused(self, place: Place, tmp_path: Path) -> None:
        kept = self.notified_by(place, tmp_path)
        assert self.verify(place).code == 0
        assert json.loads(kept.read_text())["event"] == "complete"
        place.write("tool.py", f"run('{SECRET}', shell=True)\n")
        assert self.verify(place).code == 4
        event = json.loads(kept.read_text())
        assert (event["event"], event["failed"]) == ("refused", True)
        assert event["title"] == "acme: verify security refused"
        assert "bandit: findings" in event["detail"]
        assert SECRET not in kept.read_text()

    def test_that_fails_is_said_and_changes_nothing(self, place: Place, tmp_path: Path) -> None:
        self.notified_by(place, tmp_path, "echo 'nobody is in' >&2", "exit 1")
        ended = self.verify(place)
        assert (ended.code, "nobody could be notified" in ended.err) == (0, True), ended.err
        place.write("tool.py", "run(shell=True)\n")
        ended = self.verify(place)
        assert (ended.code, "nobody is in" in ended.err) == (4, True), ended.err

    def test_is_not_of_wrong_usage(self, place: Place, tmp_path: Path) -> None:
        kept = self.notified_by(place, tmp_path)
        assert self.verify(place, "--only", "semgrep").code == 2
        assert not kept.exists()


class TestTheLoginOfTheRegistry:
    PASSWORD = "-".join(("made", "up", "for", "one", "test"))  # noqa: FLY002 - as above

    @pytest.fixture
    def folder(self, place: Place) -> Path:
        """Where logins are kept while a program needs them; the configuration names one, and an image."""
        login = 'username = "env:WHO"\npassword = "env:REGISTRY_PASSWORD"\n'
        registry = f'[tool.shipit.registry]\nhost = "registry.test"\nnamespace = "acme"\n{login}'
        tables = f'{registry}\n[tool.shipit.images.web]\nfile = "Dockerfile"\n'
        place.write("pyproject.toml", PYPROJECT.replace('"pip-licenses"', '"trivy"') + f"\n{tables}")
        place.write("Dockerfile", "FROM scratch\n")
        place.here.commit("feat: an image")
        return place.top / ".git" / "shipit" / "logins"

    def variables(self, place: Place) -> dict[str, str]:
        """`image` is what the fake trivy has under the name of this commit."""
        name = f"registry.test/acme/web:main-{place.here.git('rev-parse', 'HEAD')[:SHORT]}"
        install_trivy(place.programs, {name: image()}, self.more)
        path = {"PATH": f"{place.programs}:/usr/bin:/bin", "HOME": str(place.programs)}
        return {**path, "WHO": "ada", "REGISTRY_PASSWORD": self.PASSWORD}

    more = ""

    def seen(self, place: Place) -> list[Any]:
        kept = place.programs / "logins.log"
        return [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []

    def test_is_there_for_trivy_while_it_looks_and_nowhere_else(self, place: Place, folder: Path) -> None:
        ended = inside(place.top, "verify", "security", **self.variables(place))
        assert ended.code == 0, ended.err
        [(command, _, private, mode, auths)] = self.seen(place)
        assert (command, mode, [*auths]) == ("image", "0o700", ["registry.test"])
        assert base64.b64decode(auths["registry.test"]["auth"]).decode() == f"ada:{self.PASSWORD}"
        assert Path(private).is_relative_to(folder)
        assert not folder.exists()
        assert self.PASSWORD not in ended.out + ended.err + (place.top / "reports" / "security.json").read_text()

    def test_is_removed_where_the_run_is_interrupted(self, place: Place, folder: Path) -> None:
        self.more = "words[0] == 'image' and __import__('time').sleep(100)"
        child = start(place.top, "verify", "security", env=environment(**self.variables(place)))
        written(place.programs / "logins.log", json.loads)
        assert folder.is_dir()
        child.send_signal(signal.SIGINT)
        wait(child).ended(130)
        assert not folder.exists()


def test_nothing_to_scan_for_any_scan_is_not_green(place: Place) -> None:
    ran = place.verify("--only", "pip-licenses").ended(4)
    assert "there was nothing to scan, so nothing was looked at" in ran.stderr


def test_wrong_usage_ends_with_2(place: Place, tmp_path: Path) -> None:
    assert "scans: bandit, pip-licenses" in place.verify("--only", "semgrep").ended(2).stderr
    (place.top / "known.json").write_text("{}")
    assert "known.json is no baseline" in place.verify().ended(2).stderr
    place.write("pyproject.toml", PYPROJECT.replace("pip-licenses", "snyk"))
    assert "expected one of bandit, codeql" in place.verify().ended(2).stderr
    outside = tmp_path / "outside"
    outside.mkdir()
    shipit(outside, "verify", "security", env=environment()).ended(2)
