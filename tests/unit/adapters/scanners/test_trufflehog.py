"""trufflehog: what it is asked, and what it prints, read without the secrets themselves.

Lines are made up after what trufflehog's own source writes with --json: it does not install here.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.process import Finished
from shipit.adapters.scanners.running import Unreadable
from shipit.adapters.scanners.trufflehog import Looks, Trufflehog, file_argv, git_argv, sighting
from shipit.adapters.scanners.trufflehog_report import Hit, Look, findings, read
from shipit.scans.model import Severity
from tests.support import seeded
from tests.unit.adapters.scanners.conftest import Tree

CANARY = "/tmp/planted/canary.txt"
COMMIT = "c" * 40
FIXED = ("--json", "--no-update", "--log-level=3", "--results=verified,unverified,unknown")
TREE = Path("/a tree")


def found(kind: str = "Filesystem", verified: bool = False, **place: Any) -> dict[str, Any]:
    """A line of stdout: the secret stands in it several times."""
    secret = {"Raw": seeded.WORD, "RawV2": seeded.WORD, "Redacted": seeded.WORD, "SecretParts": {"a": seeded.WORD}}
    where = {"SourceMetadata": {"Data": {kind: place}}, "SourceType": 15, "SourceName": "trufflehog"}
    return {**where, "DetectorName": "URI", "Verified": verified, **secret}


def last(chunks: int = 1, verified: int = 0, unverified: int = 0) -> dict[str, Any]:
    counted = {"verified_secrets": verified, "unverified_secrets": unverified}
    return {
        "level": "info-0",
        "msg": "finished scanning",
        "chunks": chunks,
        **counted,
        "trufflehog_version": "3.95",
    }


def reading(path: Any) -> dict[str, Any]:
    return {"level": "info-3", "msg": "scanning file", "path": path}


def printed(*lines: dict[str, Any], said: tuple[Any, ...] = (last(),), code: int = 0) -> Finished:
    out, err = ("\n".join(map(json.dumps, every)) for every in (lines, said))
    return Finished(("trufflehog",), code, out.encode(), err)


def hit(path: str = "a.py", commit: str = "", **changed: Any) -> Hit:
    return Hit(**{"rule": "URI", "path": path, "line": 3, "commit": commit, "verified": False, **changed})


def look(*hits: Hit, files: tuple[str, ...] = (), fault: str = "") -> Look:
    return Look(files=frozenset(files), hits=hits, fault=fault, version="3.95")


def looks(
    files: Look | None = None, history: Look | None = None, planted: Look | None = None, *asked: Look
) -> Looks:
    seen = files or look(hit(CANARY), files=("a.py", CANARY))
    of_history, of_planted = history or look(), planted or look(hit("canary.txt", COMMIT))
    return Looks(files=(seen,), history=of_history, planted=of_planted, commands=(("t",),), asked=asked)


def test_each_file_is_named_and_nobody_is_asked_at_first() -> None:
    assert file_argv(("-a.py", "@b", CANARY)) == (
        *("trufflehog", "filesystem", *FIXED, "--no-verification"),
        *("./-a.py", "./@b", CANARY),
    )
    assert file_argv(("a.py",), verify=True) == ("trufflehog", "filesystem", *FIXED, "./a.py")


def test_the_history_is_that_of_the_tree() -> None:
    assert git_argv(TREE) == ("trufflehog", "git", *FIXED, "--no-verification", "file:///a%20tree")
    assert git_argv(TREE, verify=True) == ("trufflehog", "git", *FIXED, "file:///a%20tree")


def test_there_is_nothing_where_git_tracks_nothing(tree: Tree) -> None:
    assert Trufflehog(tree()).nothing() == "git tracks no file"
    assert not Trufflehog(tree({"a.png": ""})).nothing()


def test_of_what_is_found_only_the_place_and_the_kind_are_kept() -> None:
    lines = (found(file="web/a b.js", line=3), found("Git", verified=True, file="b.py", line=7, commit=COMMIT))
    seen = read(printed(*lines, said=(reading("web/a b.js"), last(unverified=1, verified=1))), TREE)
    assert seen == Look(
        files=frozenset({"web/a b.js"}),
        hits=(hit("web/a b.js"), hit("b.py", COMMIT, line=7, verified=True)),
        fault="",
        version="3.95",
    )
    assert seeded.WORD not in str(seen)


def test_lines_that_git_or_others_wrote_are_passed_over() -> None:
    finished = printed(said=(reading("a.py"), {"msg": 1}, last()))
    noisy = Finished(finished.argv, 0, b"\n", f"warning: x\n{finished.stderr}\n")
    assert read(noisy, TREE) == look(files=("a.py",))


@pytest.mark.parametrize(("said", "code"), [((), 0), ((reading("a.py"),), 0), ((last(),), 1), ((last(),), 183)])
def test_a_run_without_its_last_line_or_with_an_exit_code_has_not_looked(said: tuple[Any, ...], code: int) -> None:
    with pytest.raises(Unreadable, match=f"did not come to its end, it ended with exit code {code}"):
        read(printed(said=said, code=code), TREE)


@pytest.mark.parametrize("line", [{}, {"DetectorName": "URI"}, found("S3", file="a.py")])
def test_a_finding_of_another_shape_is_a_fault_that_does_not_quote_it(line: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as error:
        read(printed({**line, "Raw": seeded.WORD}), TREE)
    assert str(error.value) == "trufflehog printed a finding of another shape"


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ((last(chunks=0),), "trufflehog read nothing: 0 chunks"),
        ((last(unverified=1, verified=1),), "trufflehog counts 2 secrets and printed 0"),
        (({"level": "error", "msg": "no file"}, last()), "trufflehog reports an error: no file"),
        (({"level": "error", "msg": f"in {seeded.WORD}"}, last()), "trufflehog reports an error"),
        (({"level": "error", "msg": "error cleaning temporary artifacts"}, last()), ""),
    ],
)  # fmt: skip
def test_a_run_that_did_not_read_everything_says_so(said: tuple[Any, ...], fault: str) -> None:
    assert read(printed(said=said), TREE).fault == fault


def test_a_secret_in_the_tree_and_in_the_history_is_one_finding() -> None:
    hits = (hit(), hit("a.py", COMMIT), hit("gone.py", COMMIT), hit("gone.py", COMMIT, line=9))
    here, before = findings(hits)
    assert (here.path, here.line, here.severity, here.title) == (
        *("a.py", 3, Severity.HIGH),
        "what looks like a secret",
    )
    assert (before.path, before.line) == ("gone.py", 0)
    assert before.title == "what looks like a secret in the history, commit cccccccccc"


def test_a_secret_that_works_is_critical() -> None:
    asked = look(hit(verified=True), hit("b.py"))
    both = look(hit(), hit("b.py"), hit(CANARY), files=("a.py", "b.py", CANARY))
    one, other = sighting(looks(both, None, None, asked), ("a.py", "b.py"), CANARY).findings
    assert (one.path, one.severity, one.title) == ("a.py", Severity.CRITICAL, "a secret that works")
    assert (other.path, other.severity) == ("b.py", Severity.HIGH)


def test_what_was_seen_is_counted_and_what_was_planted_is_no_finding() -> None:
    seen = sighting(looks(), ("a.py",), CANARY)
    assert (seen.seen, seen.expected, seen.unit, seen.alive, seen.fault) == (1, 1, "files", True, "")
    assert (seen.findings, seen.tool, seen.commands) == ((), "trufflehog 3.95", (("t",),))
    assert sighting(looks(), ("a.py", "b.py"), CANARY).unseen == ("b.py",)


@pytest.mark.parametrize(
    "blind",
    [
        looks(files=look(files=("a.py", CANARY))),
        looks(files=look(hit(CANARY, rule="Other"), files=("a.py", CANARY))),
        looks(planted=look()),
    ],
)
def test_whoever_does_not_find_what_was_planted_in_files_and_in_a_history_is_not_alive(blind: Looks) -> None:
    assert not sighting(blind, ("a.py",), CANARY).alive


def test_the_faults_of_all_runs_are_told_once() -> None:
    silent = looks(
        look(hit(CANARY), fault="x"), look(fault="y"), look(hit("c", COMMIT), fault="x"), look(fault="z")
    )
    assert sighting(silent, ("a.py",), CANARY).fault == "trufflehog does not say which files it reads; x; y; z"
