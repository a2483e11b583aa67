"""The private clone on real repositories: its files are those of the commit, whatever the user has set."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shipit.adapters import process
from shipit.adapters.git.clone_place import MARK, find_base
from shipit.adapters.git.clone_settings import without_repository
from shipit.adapters.git.private_clone import PrivateClone
from shipit.errors import ExternalError, Refused, Unavailable
from tests.fakes import ADA

TIME = 1_700_000_000
WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A"), ("EMAIL", "a@b.invalid"))
}
FILES = {"README.md": "# acme\n", "src/one.py": "ONE = 1\n", "docs/two.md": "two\n"}


def git(folder: Path, *words: str) -> str:
    env = {**{name: value for name, value in os.environ.items() if name[:4] != "GIT_"}, **WHO}
    env |= {name: os.environ[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")}
    argv = ("git", "-C", str(folder), "-c", "protocol.file.allow=always", *words)
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=env).stdout.strip()


def commit(top: Path, files: Mapping[str, str] | None = None) -> str:
    for name, text in (files or {}).items():
        place = top / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    git(top, "add", ".")
    git(top, "commit", "--quiet", "--allow-empty", "--message", "some")
    return git(top, "rev-parse", "HEAD")


def begin(top: Path, files: Mapping[str, str] = FILES, *options: str) -> Path:
    top.mkdir(parents=True)
    git(top, "init", "--quiet", "--initial-branch=main", *options)
    commit(top, files)
    return top


def clone_of(top: Path, tag: str = "v1.1.0", sha: str = "", remote: str = "origin") -> PrivateClone:
    sha = sha or git(top, "rev-parse", "HEAD")
    return PrivateClone(top=top, commit=sha, tag=tag, author=ADA, time=TIME, remote=remote)


def files(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes().decode()
        for path in found
        if ".git" not in path.relative_to(folder).parts
    }


def seen_by_a_gate(folder: Path, *words: str) -> str:
    """What git answers a command of the project there."""
    finished = process.run(("git", "-C", str(folder), *words), env=without_repository())
    assert finished.code == 0, finished.stderr
    return finished.text.strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return begin(tmp_path / "top")


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own settings, in a file."""
    place = tmp_path / "user.config"
    place.touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(place))
    return place


class TestFiles:
    def test_are_all_those_of_the_commit_and_nothing_of_the_user_s(self, top: Path) -> None:
        (top / "README.md").write_text("changed")
        (top / "mine.txt").write_text("mine")
        path = clone_of(top).path
        assert files(path) == FILES
        assert seen_by_a_gate(path, "status", "--porcelain") == ""
        assert seen_by_a_gate(path, "rev-parse", "HEAD") == git(top, "rev-parse", "HEAD")

    def test_have_no_folder_called_git_above_them(
        self, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert ".git" not in clone_of(top).path.parts
        monkeypatch.setenv("XDG_STATE_HOME", str(top / ".git" / "state"))
        monkeypatch.setenv("HOME", str(top / ".git" / "home"))
        monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
        assert clone_of(top).path.is_relative_to(tmp_path / "temporary")

    @pytest.mark.parametrize("cone", [True, False])
    def test_a_sparse_checkout_leaves_nothing_out(self, top: Path, cone: bool) -> None:
        git(top, "sparse-checkout", "set", *(("--cone",) if cone else ("--no-cone",)), "src")
        assert not (top / "docs").exists()
        assert files(clone_of(top).path) == FILES

    @pytest.mark.parametrize(
        ("where", "key", "value"),
        [
            ("user", "core.autocrlf", "true"),
            ("user", "core.attributesFile", "ATTRIBUTES"),
            ("user", "core.eol", "crlf"),
            ("repository", "core.autocrlf", "true"),
            ("repository", "core.attributesFile", "ATTRIBUTES"),
            ("repository", "core.eol", "crlf"),
            ("environment", "core.autocrlf", "true"),
            ("info", "", ""),
            ("xdg", "", ""),
        ],
    )
    def test_have_the_line_ends_of_the_commit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everywhere: Path, where: str, key: str, value: str
    ) -> None:
        source = {**FILES, ".gitattributes": "docs/* text=auto\n", "crlf.bin": "a\r\n"}
        top = begin(tmp_path / "top", source, *(["--template="]))
        rule = "*.md text eol=crlf\n"
        (tmp_path / "attributes").write_text(rule)
        value = value.replace("ATTRIBUTES", str(tmp_path / "attributes"))
        if where in {"user", "repository"}:
            git(top, "config", *(("--global",) if where == "user" else ()), key, value)
        elif where == "environment":
            for name, said in (("COUNT", "1"), ("KEY_0", key), ("VALUE_0", value)):
                monkeypatch.setenv(f"GIT_CONFIG_{name}", said)
        elif where == "info":
            (top / ".git" / "info").mkdir(exist_ok=True)
            (top / ".git" / "info" / "attributes").write_text(rule)
        else:
            monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
            (tmp_path / "xdg" / "git").mkdir(parents=True)
            (tmp_path / "xdg" / "git" / "attributes").write_text(rule)
        clone = clone_of(top)
        assert files(clone.path) == source
        assert seen_by_a_gate(clone.path, "status", "--porcelain") == ""
        (clone.path / "README.md").write_text("mess")
        clone.clean()
        assert files(clone.path) == source

    def test_are_not_the_ones_that_replace_them(self, top: Path) -> None:
        (top / "mine.txt").write_text("not this\n")
        other = git(top, "hash-object", "-w", "mine.txt")
        git(top, "replace", git(top, "rev-parse", "HEAD:README.md"), other)
        path = clone_of(top).path
        assert files(path) == FILES
        assert seen_by_a_gate(path, "show", "HEAD:README.md") == "# acme"

    def test_are_those_of_the_commit_that_another_replaces(self, top: Path) -> None:
        first = git(top, "rev-parse", "HEAD")
        second = commit(top, {"README.md": "second\n"})
        git(top, "replace", first, second)
        assert files(clone_of(top, sha=first).path) == FILES


class TestTag:
    @pytest.mark.parametrize("tag", ["v1.1.0", "acme-core/v1.1.0", "acme-core-v1.1.0rc1"])
    def test_is_annotated_and_the_nearest(self, top: Path, tag: str) -> None:
        git(top, "tag", "other-v7.0.0")
        git(top, "tag", "--annotate", "--message", "x", "v1.0.0")
        sha = commit(top)
        path = clone_of(top, tag).path
        assert seen_by_a_gate(path, "describe") == tag
        assert seen_by_a_gate(path, "cat-file", "-t", tag) == "tag"
        assert seen_by_a_gate(path, "rev-parse", f"{tag}^{{commit}}") == sha
        assert seen_by_a_gate(path, "tag", "--list").splitlines() == sorted(["other-v7.0.0", tag, "v1.0.0"])
        assert seen_by_a_gate(path, "describe", "HEAD^") == "v1.0.0"
        assert seen_by_a_gate(path, "for-each-ref", "--format=%(taggerdate:unix)", f"refs/tags/{tag}") == str(TIME)
        assert git(top, "tag", "--list").splitlines() == ["other-v7.0.0", "v1.0.0"]

    def test_stands_in_for_one_of_the_same_name_that_only_the_user_has(self, top: Path) -> None:
        git(top, "tag", "v1.1.0")
        sha = commit(top)
        path = clone_of(top).path
        assert seen_by_a_gate(path, "rev-parse", "v1.1.0^{commit}") == sha
        assert git(top, "rev-parse", "v1.1.0") != sha


class TestTheUsersOwn:
    def test_variables_of_git_lead_nowhere_else(
        self, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = begin(tmp_path / "elsewhere", {"other.txt": "other\n"})
        index = (top / ".git" / "index").read_bytes()
        clone = clone_of(top)
        said = {
            "GIT_DIR": str(elsewhere / ".git"),
            "GIT_WORK_TREE": str(elsewhere),
            "GIT_INDEX_FILE": str(top / ".git" / "index"),
            "GIT_COMMON_DIR": str(elsewhere / ".git"),
            "GIT_NAMESPACE": "odd",
            "GIT_DEFAULT_HASH": "sha256",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_CEILING_DIRECTORIES": str(clone.place.base),
            "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
            "GIT_TEMPLATE_DIR": str(elsewhere),
            "GIT_ATTR_SOURCE": "HEAD",
        }
        for name, value in said.items():
            monkeypatch.setenv(name, value)
        assert files(clone.path) == FILES
        assert seen_by_a_gate(clone.path, "describe") == "v1.1.0"
        assert seen_by_a_gate(clone.path / "src", "rev-parse", "--show-prefix") == "src/"
        clone.clean()
        assert (top / ".git" / "index").read_bytes() == index

    def test_hooks_templates_and_watchers_do_not_run(self, top: Path, tmp_path: Path, everywhere: Path) -> None:
        ran = tmp_path / "ran"
        for folder in (tmp_path / "template" / "hooks", tmp_path / "hooks", top / ".git" / "hooks"):
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit", "watcher"):
                (folder / name).write_text(f"#!/bin/sh\necho {folder}/{name} >> {ran}\n")
                (folder / name).chmod(0o755)
        git(top, "config", "--global", "init.templateDir", str(tmp_path / "template"))
        git(top, "config", "--global", "core.hooksPath", str(tmp_path / "hooks"))
        git(top, "config", "--global", "core.fsmonitor", str(tmp_path / "hooks" / "watcher"))
        git(top, "config", "core.fsmonitor", str(tmp_path / "hooks" / "watcher"))
        clone = clone_of(top)
        ran.unlink(missing_ok=True)
        path = clone.path
        clone.clean()
        seen_by_a_gate(path, "status")
        seen_by_a_gate(path, "checkout", "-B", "other")
        assert not ran.exists()

    def test_settings_that_say_how_to_reach_a_remote_are_heeded_and_not_written_down(
        self, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin(tmp_path / "inner", {"inside.txt": "hello\n"})
        instead = (f"url.{tmp_path}/.insteadOf", "https://secret.invalid/")
        git(top, "config", *instead)
        add = ("submodule", "add", "--quiet", "https://secret.invalid/inner", "vendor/inner")
        git(top, "-c", "=".join(instead), *add)
        commit(top)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
        path = clone_of(top).path
        assert (path / "vendor" / "inner" / "inside.txt").read_text() == "hello\n"
        assert "insteadOf" not in (path / ".git" / "config").read_text()

    def test_password_in_the_remote_s_address_is_not_written_down(self, top: Path) -> None:
        git(top, "remote", "add", "origin", "https://ada:hunter22@git.invalid/acme.git")
        text = (clone_of(top).path / ".git" / "config").read_text()
        assert "https://git.invalid/acme.git" in text
        assert "hunter22" not in text

    def test_remote_takes_no_push_from_here(self, top: Path, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet", "--bare", "remote.git")
        git(top, "remote", "add", "origin", "../remote.git")
        path = clone_of(top).path
        assert seen_by_a_gate(path, "remote", "get-url", "origin") == str(tmp_path / "remote.git")
        for words in (("push",), ("push", "origin", "HEAD:refs/heads/x"), ("push", "--tags")):
            assert process.run(("git", "-C", str(path), *words)).code
        assert git(tmp_path / "remote.git", "for-each-ref") == ""


class TestPlaces:
    """The kinds of repositories in which people stand."""

    def test_a_partial_clone_gets_what_it_lacks(self, tmp_path: Path) -> None:
        origin = begin(tmp_path / "origin")
        commit(origin, {"docs/two.md": "three\n"})
        git(origin, "config", "uploadpack.allowFilter", "true")
        git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        options = ("--filter=blob:none", "--sparse", "--quiet")
        git(tmp_path, "clone", *options, f"file://{origin}", "top")
        path = clone_of(tmp_path / "top").path
        assert files(path) == {**FILES, "docs/two.md": "three\n"}
        assert seen_by_a_gate(path, "show", "HEAD^:docs/two.md") == "two"

    def test_a_partial_clone_of_another_remote_too(self, tmp_path: Path) -> None:
        origin = begin(tmp_path / "origin")
        git(origin, "config", "uploadpack.allowFilter", "true")
        git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(tmp_path, "clone", "--filter=blob:none", "--sparse", "--quiet", f"file://{origin}", "top")
        git(tmp_path / "top", "remote", "add", "upstream", "../upstream.git")
        assert files(clone_of(tmp_path / "top", remote="upstream").path) == FILES

    def test_a_shallow_clone(self, tmp_path: Path) -> None:
        origin = begin(tmp_path / "origin")
        commit(origin)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "top")
        path = clone_of(tmp_path / "top").path
        assert files(path) == FILES
        assert seen_by_a_gate(path, "log", "--format=%s") == "some"

    def test_a_linked_work_tree(self, top: Path, tmp_path: Path) -> None:
        git(top, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
        clone = clone_of(tmp_path / "linked")
        assert files(clone.path) == FILES
        assert clone.place.own == clone_of(top).place.own

    def test_a_submodule(self, top: Path, tmp_path: Path) -> None:
        outer = begin(tmp_path / "outer")
        git(outer, "submodule", "add", "--quiet", str(top), "inner")
        assert files(clone_of(outer / "inner").path) == FILES

    @pytest.mark.parametrize("option", ["--shared", "--reference"])
    def test_a_clone_that_borrows_objects_itself(self, top: Path, tmp_path: Path, option: str) -> None:
        words = (option,) if option == "--shared" else (option, str(top))
        git(tmp_path, "clone", "--quiet", *words, f"file://{top}" if option != "--shared" else str(top), "borrows")
        commit(tmp_path / "borrows", {"more.txt": "more\n"})
        assert files(clone_of(tmp_path / "borrows").path) == {**FILES, "more.txt": "more\n"}

    def test_a_repository_of_sha256(self, tmp_path: Path) -> None:
        top = begin(tmp_path / "top", FILES, "--object-format=sha256")
        path = clone_of(top).path
        assert files(path) == FILES
        assert len(seen_by_a_gate(path, "rev-parse", "v1.1.0")) == 64

    def test_odd_names_and_settings(self, tmp_path: Path) -> None:
        top = begin(tmp_path / "to p#;\"'ö")
        git(top, "config", 'filter.a "b\\c.smudge', 'cat "x" # \\ y')
        git(top, "config", "submodule.odd.update", "none\nmore")
        path = clone_of(top).path
        assert files(path) == FILES
        assert seen_by_a_gate(path, "config", 'filter.a "b\\c.smudge') == 'cat "x" # \\ y'
        assert seen_by_a_gate(path, "config", "submodule.odd.update") == "none\nmore"

    @pytest.mark.parametrize("remote", ["origin", "upstream"])
    def test_submodules_with_relative_addresses(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remote: str
    ) -> None:
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
        begin(tmp_path / "hub" / "inner", {"inside.txt": "hello\n"})
        hub = begin(tmp_path / "hub" / "outer")
        git(hub, "submodule", "--quiet", "add", "../inner", "vendor/inner")
        commit(hub)
        git(tmp_path, "clone", "--quiet", "--origin", remote, "hub/outer", "top")
        clone = clone_of(tmp_path / "top", remote=remote)
        inside = clone.path / "vendor" / "inner" / "inside.txt"
        assert inside.read_text() == "hello\n"
        inside.write_text("mess")
        clone.clean()
        assert inside.read_text() == "hello\n"


LFS = {
    ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    "data/big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n",
}
FAKE_LFS = """\
import sys
def read():
    size = int(sys.stdin.buffer.read(4) or b"0", 16)
    return sys.stdin.buffer.read(size - 4) if size else None
def write(*lines):
    for line in lines:
        sys.stdout.buffer.write(b"%04x" % (len(line) + 4) + line)
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()
def packets():
    return list(iter(read, None))
if sys.argv[1] == "version":
    sys.exit(print("git-lfs/3"))
packets(); write(b"git-filter-server\\n", b"version=2\\n")
packets(); write(b"capability=smudge\\n")
while sys.argv[1] == "filter-process":
    if not packets():
        break
    packets(); write(b"status=success\\n"); write(CONTENT); write()
"""


class TestLargeFiles:
    def lay(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None) -> Path:
        tools = tmp_path / "tools"
        tools.mkdir()
        if content is not None:
            script = FAKE_LFS.replace("CONTENT", repr(content.encode()))
            (tools / "git-lfs").write_text(f"#!{sys.executable}\n{script}")
            (tools / "git-lfs").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
        return begin(tmp_path / "top", {**FILES, **LFS})

    @pytest.mark.parametrize("configured", [True, False])
    def test_without_git_lfs_a_pointer_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everywhere: Path, configured: bool
    ) -> None:
        if shutil.which("git-lfs"):
            pytest.skip("git-lfs is installed here")
        top = self.lay(tmp_path, monkeypatch, None)
        if configured:
            git(top, "config", "--global", "filter.lfs.process", "git-lfs filter-process")
            git(top, "config", "--global", "filter.lfs.required", "true")
        with pytest.raises(Refused, match="pointer of git-lfs") as caught:
            _ = clone_of(top).path
        assert (caught.value.where, caught.value.hint) == ("data/big.bin", "install git-lfs")

    def test_with_git_lfs_the_file_itself_is_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")
        clone = clone_of(self.lay(tmp_path, monkeypatch, "large"))
        assert (clone.path / "data" / "big.bin").read_text() == "large"

    def test_with_git_lfs_that_leaves_the_pointer_it_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        top = self.lay(tmp_path, monkeypatch, LFS["data/big.bin"])
        with pytest.raises(Refused, match="pointer of git-lfs") as caught:
            _ = clone_of(top).path
        assert caught.value.hint
        assert "git lfs fetch" in caught.value.hint


SILENT_LFS = "import sys, time\nsys.exit() if sys.argv[1] == 'version' else time.sleep(60)\n"


class TestTime:
    """Whatever is waited for in vain, it ends."""

    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "LONGEST", 1.5)

    @pytest.fixture
    def silent(self) -> Iterator[str]:
        """The address of a server that takes connections and says nothing."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/inner.git"

    def ends(self, clone: PrivateClone, said: str) -> None:
        began = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            _ = clone.path
        assert caught.value.what == f"git {said} did not end within 1.5 s"
        assert time.monotonic() - began < 15
        clone.remove()
        assert not clone.place.own.exists()

    def test_a_submodule_s_server_that_says_nothing_is_left_after_a_while(
        self, top: Path, tmp_path: Path, silent: str
    ) -> None:
        inner = begin(tmp_path / "inner")
        git(top, "submodule", "add", "--quiet", str(inner), "vendor/inner")
        git(top, "config", "--file=.gitmodules", "submodule.vendor/inner.url", silent)
        git(top, "config", "submodule.vendor/inner.url", silent)
        commit(top)
        self.ends(clone_of(top), "submodule")

    def test_what_a_partial_clone_lacks_is_waited_for_as_long(self, tmp_path: Path, silent: str) -> None:
        origin = begin(tmp_path / "origin")
        git(origin, "config", "uploadpack.allowFilter", "true")
        git(tmp_path, "clone", "--filter=blob:none", "--sparse", "--quiet", f"file://{origin}", "top")
        git(tmp_path / "top", "remote", "set-url", "origin", silent)
        self.ends(clone_of(tmp_path / "top"), "checkout")

    def test_git_lfs_that_waits_for_its_server_ends_as_well(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules[__name__], "FAKE_LFS", SILENT_LFS)
        self.ends(clone_of(TestLargeFiles().lay(tmp_path, monkeypatch, "")), "checkout")


class TestPlace:
    def test_the_same_commit_and_tag_always_get_the_same_place(self, top: Path) -> None:
        clone = clone_of(top)
        first = clone.path
        clone.remove()
        assert clone.path == first
        assert first.is_relative_to(find_base())
        assert find_base().stat().st_mode & 0o777 == 0o700
        assert first.parent.stat().st_mode & 0o777 == 0o700

    def test_what_killed_runs_left_goes_whatever_they_released(self, top: Path, tmp_path: Path) -> None:
        left = [clone_of(top, "v0.9.0").path]
        second = clone_of(begin(tmp_path / "other"))  # it lives
        others = second.path
        (left[0] / "left-over").touch()
        sealed = left[0] / "sealed"
        sealed.mkdir(mode=0o555)
        (left[0].parents[1] / "begun").mkdir()
        (left[0].parents[1] / "marked").mkdir()
        (left[0].parents[1] / "marked" / MARK).write_text(str(top)[:5])
        clone = clone_of(top)
        path = clone.path
        assert [each.name for each in path.parents[1].iterdir()] == [path.parent.name]
        assert files(path) == FILES
        assert others.exists()
        clone.remove()
        assert not path.parents[1].exists()

    def test_what_is_not_marked_as_ours_stays(self, top: Path, tmp_path: Path) -> None:
        clone = clone_of(top)
        own = clone.path.parents[1]
        clone.remove()
        own.mkdir()
        (own / "notes").mkdir()
        (own / "notes" / "tree").write_text("mine")
        (own / "file").touch()
        (own / "link").symlink_to(tmp_path)
        (own / "other").mkdir()
        (own / "other" / MARK).write_text(f"{top}/elsewhere")
        (own / "other" / "tree").mkdir()
        assert files(clone.path) == FILES
        clone.remove()
        assert sorted(each.name for each in own.iterdir()) == ["file", "link", "notes", "other"]
        assert (own / "notes" / "tree").read_text() == "mine"
        assert (own / "other" / "tree").exists()
        assert (tmp_path / "top").exists()

    def test_what_is_in_the_way_is_told(self, top: Path) -> None:
        clone = clone_of(top)
        place = clone.path.parent
        clone.remove()
        place.mkdir(parents=True)
        (place / "mine.txt").touch()
        with pytest.raises(Unavailable, match="in the way") as caught:
            _ = clone.path
        assert caught.value.where == str(place)
        assert (place / "mine.txt").exists()

    def test_a_home_that_cannot_be_written_to_or_is_not_ours_is_left_alone(
        self, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
        home = Path(os.environ["HOME"])
        monkeypatch.setenv("HOME", "/proc")
        assert clone_of(top).path.is_relative_to(tmp_path / "temporary")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        with pytest.raises(Refused, match="no folder") as caught:
            _ = clone_of(top).path
        assert caught.value.hint
        assert caught.value.evidence == (
            f"{home.resolve()}/.local/state/shipit: would lie in a folder of another user",
            f"{tmp_path.resolve()}/temporary/shipit-12345: belongs to another user",
        )
        assert not (home / ".local").exists()

    @pytest.mark.parametrize("kind", ["link", "file", "open"])
    def test_a_stranger_s_folder_of_that_name_is_not_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        state = tmp_path / "state"
        state.mkdir()
        if kind == "link":
            (tmp_path / "target").mkdir()
            (tmp_path / "target").chmod(0o777)
            (state / "shipit").symlink_to(tmp_path / "target")
        elif kind == "file":
            (state / "shipit").touch()
        else:
            (state / "shipit").mkdir()
            (state / "shipit").chmod(0o777)
        monkeypatch.setenv("XDG_STATE_HOME", str(state))
        assert find_base() == Path(os.environ["HOME"]).resolve() / ".local" / "state" / "shipit"

    def test_that_is_nowhere_is_told_with_the_reason_for_each(
        self, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "state" / "shipit").mkdir(parents=True)
        (tmp_path / "state" / "shipit").chmod(0o777)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("HOME", str(top / ".git"))
        monkeypatch.setenv("TMPDIR", str(tmp_path / "file"))
        with pytest.raises(Refused, match="no folder") as caught:
            _ = clone_of(top).path
        assert caught.value.evidence == (
            f"{tmp_path}/state/shipit: others may write into it",
            f"{top}/.git/.local/state/shipit: lies below a .git",
            f"{tmp_path}/file/shipit-{os.geteuid()}: File exists",
        )

    def test_a_relative_state_folder_means_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", "here")
        assert find_base() == Path(os.environ["HOME"]).resolve() / ".local" / "state" / "shipit"
        monkeypatch.delenv("HOME")
        assert find_base({"TMPDIR": os.environ.get("TMPDIR", "/tmp")}).name == f"shipit-{os.geteuid()}"

    def test_a_commit_that_is_not_there_is_told(self, top: Path) -> None:
        with pytest.raises(ExternalError):
            _ = clone_of(top, sha="1" * 40).path
