"""The sample repositories are what tests and the demo take them for."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.acme import Laid, Template, commit, fresh_clone, git, lay_out, lay_out_small, refs

LAYS = [lay_out, lay_out_small]


@pytest.mark.parametrize("lay", LAYS)
def test_the_same_ids_come_out_whatever_git_is_told_to_do(
    lay: Callable[[Path], Laid], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = lay(tmp_path / "usual")
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n\tname = Somebody\n[init]\n\tdefaultBranch = trunk\n[commit]\n\tgpgsign = true\n"
        "[core]\n\tautocrlf = true\n\thooksPath = /nowhere\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1 +0000")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))

    unusual = lay(tmp_path / "unusual")

    assert refs(usual.remote) == refs(unusual.remote)
    assert git(unusual.clone, "status", "--porcelain", "--branch") == "## develop...origin/develop"


@pytest.mark.parametrize("lay", LAYS)
def test_version_one_is_tagged_on_main_and_develop_is_ahead_of_it(
    lay: Callable[[Path], Laid], tmp_path: Path
) -> None:
    laid = lay(tmp_path)

    there = refs(laid.remote)
    assert sorted(there) == ["refs/heads/develop", "refs/heads/main", "refs/tags/v1.0.0"]
    assert git(laid.remote, "cat-file", "-t", "v1.0.0") == "tag"
    assert git(laid.remote, "rev-parse", "v1.0.0^{}") == there["refs/heads/main"]
    assert git(laid.remote, "merge-base", "main", "develop") == there["refs/heads/main"]
    assert int(git(laid.remote, "rev-list", "--count", "main..develop")) > 1


def test_a_copy_has_a_remote_of_its_own(small_acme: Laid, tmp_path: Path) -> None:
    copy = Template(small_acme).copy(tmp_path / "copy")
    before = refs(small_acme.remote)

    head = commit(copy.clone, "fix: one", {"new.txt": "new\n"}, push=True)

    assert refs(small_acme.remote) == before
    assert refs(copy.remote)["refs/heads/develop"] == head
    assert git(copy.clone, "status", "--porcelain") == ""
    assert git(fresh_clone(copy, "other"), "rev-parse", "HEAD") == head


def test_the_revert_in_the_history_of_acme_names_the_commit_that_it_takes_back(acme: Laid) -> None:
    subjects = {}
    for line in git(acme.remote, "log", "--format=%H %s", "develop").splitlines():
        sha, subject = line.split(" ", 1)
        subjects[subject] = sha

    body = git(acme.remote, "show", "--no-patch", "--format=%b", subjects['Revert "feat(mcp): remove notes"'])

    assert body == f"This reverts commit {subjects['feat(mcp): remove notes']}."


@pytest.mark.parametrize("commit_id", ["develop", "v1.0.0"])
def test_acme_passes_its_own_gate(acme: Laid, commit_id: str) -> None:
    git(acme.clone, "checkout", "--quiet", "--detach", commit_id)
    gate = [sys.executable, "-m", "pytest", "--quiet", "--cov=acme", "--cov-report=xml"]

    ended = subprocess.run(gate, cwd=acme.clone, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout
    covered = ET.parse(acme.clone / "coverage.xml").getroot().attrib["line-rate"]
    assert float(covered) >= 0.9
    assert git(acme.clone, "status", "--porcelain") == ""
