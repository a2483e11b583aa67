"""What stands in the way in settings of a user, server or environment is named with what helps, or is no matter."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.acme import Laid, git
from tests.support.place import DIRECTORY, NO_FORGE, lay_out_with
from tests.support.run import Ran, environment, shipit

RELEASE = ("release", "--type", "minor", "--yes")
OLD_LOCALE = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""Python reads names as ASCII then, as it reads them as Latin-1 under an old European locale."""


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    return lay_out_with(tmp_path, DIRECTORY + NO_FORGE, work_in_hand=False)


def release(laid: Laid, *words: str, **variables: str) -> Ran:
    return shipit(laid.clone, *(words or RELEASE), env=environment(**variables))


def refs(laid: Laid) -> Mapping[str, str]:
    rows = git(laid.remote, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(row.split() for row in rows)


def commit(laid: Laid, message: str) -> None:
    git(laid.clone, "add", ".")
    git(laid.clone, "commit", "--quiet", "--message", message)
    git(laid.clone, "push", "--quiet", "origin", "HEAD")


@pytest.mark.parametrize("words", [("version", "--next"), RELEASE, ("status",)])
def test_a_repository_of_another_owner(laid: Laid, words: tuple[str, ...]) -> None:
    ran = release(laid, *words, GIT_TEST_ASSUME_DIFFERENT_OWNER="1").ended(2)
    assert "belongs to another user" in ran.said
    assert f"hint: git config --global --add safe.directory {laid.clone}" in ran.said


def test_a_filter_whose_program_is_not_installed(laid: Laid) -> None:
    (laid.clone / ".gitattributes").write_text("*.bin filter=crypt\n")
    (laid.clone / "a.bin").write_text("x")
    commit(laid, "feat: something secret")
    for key in ("clean", "smudge"):
        git(laid.clone, "config", f"filter.crypt.{key}", "no-such-program")
    git(laid.clone, "config", "filter.crypt.required", "true")
    before = refs(laid)
    ran = release(laid).ended(7)
    assert "the filter crypt of .gitattributes failed" in ran.said
    assert "hint: install no-such-program, which this filter runs" in ran.said
    assert refs(laid) == before


def test_a_name_with_an_accent_under_an_old_locale(laid: Laid) -> None:
    git(laid.clone, "config", "user.name", "Ädä Åcme")
    ran = release(laid, USER="ädä", **OLD_LOCALE).ended(0)
    assert "v1.1.0 is released and complete" in ran.said
    assert git(laid.remote, "log", "-1", "--format=%an", "main") == "Ädä Åcme"


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere"},
        {"GIT_DIR": "OTHER/.git", "GIT_WORK_TREE": "OTHER"},
        {"GIT_INDEX_FILE": "OTHER/.git/index", "GIT_PREFIX": "src/"},
        {"GIT_QUARANTINE_PATH": "/nowhere", "GIT_OBJECT_DIRECTORY": "/nowhere"},
        {"GIT_LITERAL_PATHSPECS": "1", "GIT_NAMESPACE": "x"},
        {"GIT_AUTHOR_DATE": "not a date", "GIT_COMMITTER_DATE": "nor this"},
    ],
)
def test_variables_of_a_hook_or_of_another_repository_are_no_matter(
    laid: Laid, tmp_path: Path, variables: dict[str, str]
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", str(other))
    found = {name: value.replace("OTHER", str(other)) for name, value in variables.items()}
    assert release(laid, "version", "--next", **found).ended(0).stdout == "1.1.0\n"
    release(laid, **found).ended(0)
    assert "refs/tags/v1.1.0" in refs(laid)
    assert release(laid, "verify", "release", "v1.1.0", **found).code == 0


def test_a_repository_with_sha256(laid: Laid) -> None:
    place = laid.folder / "sha256"
    place.mkdir()
    git(place, "init", "--quiet", "--bare", "--object-format=sha256", "remote.git")
    git(place, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", "clone")
    clone = place / "clone"
    for name in ("pyproject.toml", "small.py", "build_quickly.py"):
        shutil.copy(laid.clone / name, clone / name)
    git(clone, "config", "user.name", "Ada Acme")
    git(clone, "config", "user.email", "ada@acme.example")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "feat: begin")
    git(clone, "tag", "--annotate", "--message", "v1.0.0", "v1.0.0")
    git(clone, "remote", "add", "origin", str(place / "remote.git"))
    git(clone, "checkout", "--quiet", "-b", "develop")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "feat: more")
    git(clone, "push", "--quiet", "origin", "main", "develop", "v1.0.0")
    git(clone, "fetch", "--quiet")
    shipit(clone, *RELEASE, env=environment()).ended(0)
    assert len(git(clone, "rev-parse", "v1.1.0")) == 64
    shipit(clone, "verify", "release", "v1.1.0", env=environment()).ended(0)


def test_a_server_that_lets_nobody_delete_and_the_way_out(laid: Laid) -> None:
    git(laid.remote, "config", "receive.denyDeletes", "true")
    ran = release(laid).ended(5)
    assert "hint: let the server delete refs/heads/release/v1.1.0: receive.denyDeletes" in ran.said
    assert "then shipit release --undo" in ran.said
    git(laid.remote, "config", "receive.denyDeletes", "false")
    release(laid, "release", "--undo", "--yes").ended(0)
    assert not [name for name in refs(laid) if "shipit" in name or "release/" in name]
    release(laid).ended(0)


@pytest.mark.parametrize(("section", "code"), [("transfer", 7), ("receive", 7), ("uploadpack", 4)])
def test_a_server_that_hides_what_shipit_keeps_there(laid: Laid, section: str, code: int) -> None:
    git(laid.remote, "config", f"{section}.hideRefs", "refs/shipit")
    before = refs(laid)
    for _ in range(2):
        ran = release(laid).ended(code)
        assert "hint: have the server show refs/shipit" in ran.said
        assert "everything is as before" in ran.said
        assert refs(laid) == before
    git(laid.remote, "config", "--unset", f"{section}.hideRefs")
    release(laid).ended(0)


@pytest.mark.parametrize("bare", ["all", "explicit"])
def test_a_signing_key_named_relative_to_the_repository(laid: Laid, bare: str) -> None:
    key = laid.clone / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    git(laid.clone, "config", "gpg.format", "ssh")
    git(laid.clone, "config", "user.signingKey", "key.pub")
    settings = laid.clone / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.shipit.release]\nsign = true\n")
    git(laid.clone, "add", "pyproject.toml")
    git(laid.clone, "commit", "--quiet", "--message", "feat: signed")
    git(laid.clone, "push", "--quiet", "origin", "HEAD")
    number = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.bareRepository", "GIT_CONFIG_VALUE_0": bare}
    release(laid, **number).ended(0)
    assert "-----BEGIN SSH SIGNATURE-----" in git(laid.clone, "cat-file", "tag", "v1.1.0")


def test_a_push_option_that_the_server_does_not_take(laid: Laid) -> None:
    git(laid.clone, "config", "push.pushOption", "ci.skip")
    ran = release(laid).ended(4)
    assert "the server takes no push options, and push.pushOption sets one" in ran.said
    assert "hint: git config --unset-all push.pushOption" in ran.said


@pytest.mark.parametrize("text", ["[tool.other]\nx = {\n  a = 1,\n}\n", 'escape = "\\e"\n'])
def test_a_configuration_in_toml_1_1(laid: Laid, text: str) -> None:
    settings = laid.clone / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.another]\n{text}")
    ran = release(laid, "version").ended(2)
    assert "it is valid TOML 1.1, which uv and ruff read; pip, build and Python itself read 1.0" in ran.said
    settings.write_text(f"{settings.read_text()}\nnonsense\n")
    assert "TOML 1.1" not in release(laid, "version").ended(2).said
