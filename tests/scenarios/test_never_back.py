"""The version never goes back in silence: a dry run and `version --next` on histories as people have them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import inside
from tests.support.repository import PEOPLE, Repository

PYPROJECT = """[project]
name = "acme-tool"
version = "{version}"
readme = "README.md"

[tool.shipit]
index = {{ kind = "{index}", path = "../index" }}
forge.kind = "none"
"""
INITIAL = 'initial = "2.1.0"\n[tool.shipit.packages.cli]'
PAGE = '<!DOCTYPE html><html><body><a href="{0}#sha256={1}"{2}>{0}</a></body></html>\n'


class Story:
    """A repository with a bare remote, told step by step; every step is pushed with its tags."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Repository(folder / "origin.git").git("config", "--bool", "core.bare", "true")
        self.here = Repository(folder / "here")
        self.here.git("remote", "add", "origin", str(folder / "origin.git" / ".git"))
        self.count = 0
        self.index = "none"

    def file(self, version: str, more: str = "") -> "Story":
        text = PYPROJECT.format(version=version, index=self.index) + more
        (self.here.top / "pyproject.toml").write_text(text)
        (self.here.top / "README.md").write_text("# acme-tool\n")
        return self.commit("chore: number")

    def commit(self, message: str, *tags: str, push: bool = True, path: str = "") -> "Story":
        self.count += 1
        file = self.here.top / (path or f"file{self.count}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{self.count}\n")
        self.here.git("add", "--all")
        self.here.commit(message)
        for tag in tags:
            self.here.git("tag", tag)
        if push:
            self.push("--tags")
        return self

    def push(self, *words: str) -> "Story":
        self.here.git("push", "--quiet", "origin", "HEAD", *words)
        return self

    def on_index(self, version: str, more: str = "") -> None:
        folder = self.folder / "index" / "acme-tool"
        folder.mkdir(parents=True)
        name = f"acme_tool-{version}.tar.gz"
        (folder / name).write_bytes(b"x")
        (folder / "index.html").write_text(PAGE.format(name, "0" * 64, more))
        (folder.parent / "index.html").write_text('<a href="acme-tool/">acme-tool</a>\n')

    def next(self, *words: str) -> str:
        """What `version --next` says: the version, or why not."""
        ended = inside.shipit(self.here.top, "version", "--next", *words, **PEOPLE)
        return ended.out.strip() if ended.code == 0 else f"{ended.code}: {ended.err}"

    def release(self, *words: str) -> str:
        """What a dry run says: the version, or why not."""
        ended = inside.shipit(self.here.top, "release", "--dry-run", *words, **PEOPLE)
        found = re.search(r"^Release acme-tool (\S+) ", ended.out + ended.err, re.MULTILINE)
        return found[1] if ended.code == 0 and found else f"{ended.code}: {ended.out}{ended.err}"


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    for name in ("GITHUB_ACTIONS", "GITHUB_REF_NAME", "CI"):
        monkeypatch.delenv(name, raising=False)
    return Story(tmp_path)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A situation, and what is right: the version of both commands, or words of their refusal."""

    told: Callable[[Story], object]
    right: str = ""
    said: tuple[str, ...] = ()


def tagged(*tags: str) -> Callable[[Story], object]:
    return lambda story: story.file("1.0.0").commit("feat: start", *tags).commit("feat: more")


REFUSED = {
    "a file at 1.4.0 and no tag": Row(
        told=lambda story: story.file("1.4.0").commit("feat: more"),
        said=("pyproject.toml:project.version says 1.4.0", 'version.initial = "1.4.0"'),
    ),
    "a file that is ahead": Row(
        told=lambda story: story.commit("feat: start", "v1.0.0").file("1.4.0").commit("fix: it"),
        said=("pyproject.toml:project.version says 1.4.0", "--as 1.4.1"),
    ),
    "tags without v": Row(
        told=tagged("0.9.0", "1.0.0"),
        said=("the tag 1.0.0 is in the history", "the tag 0.9.0 is in the history", 'tag-format = "{version}"'),
    ),
    "a later tag without v": Row(
        told=lambda story: (
            story.file("1.0.0").commit("feat: a", "v1.0.0").commit("feat!: b", "2.0.0").commit("fix: c")
        ),
        said=("the tag 2.0.0 is in the history",),
    ),
    "a tag of one package alone": Row(
        told=tagged("pkg-a-v1.1.0"), said=("the tag pkg-a-v1.1.0 is in the history", "pkg-a-v{version}")
    ),
    "a tag with the project's name": Row(
        told=tagged("v1.0.0", "acme_tool-1.1.0"), said=("the tag acme_tool-1.1.0",)
    ),
}
RIGHT = {
    "a nightly": Row(told=tagged("v1.0.0", "v1.2.0-abc-nightly"), right="1.1.0"),
    "a nightly and a fix": Row(
        told=lambda story: story.file("1.0.0").commit("feat: a", "v1.0.0").commit("fix: b", "v1.1.0-abc-nightly"),
        right="1.0.1",
    ),
    "noise": Row(told=tagged("v1.0.0", "release-5", "pkg-v2.0.0", "latest", "2026.01.15"), right="1.1.0"),
    "an epoch of zero": Row(
        told=lambda story: story.file("0!1.0.1").commit("feat: a", "v1.0.1").commit("fix: b"), right="1.0.2"
    ),
    "a dev version": Row(
        told=lambda story: story.file("1.1.0.dev0").commit("feat: a", "v1.0.0").commit("feat: b"), right="1.1.0"
    ),
    "a far dev version": Row(
        told=lambda story: story.file("2.0.0.dev0").commit("feat: a", "v1.0.0").commit("fix: b"), right="1.0.1"
    ),
    "a post version": Row(
        told=lambda story: story.file("1.0.0.post1").commit("feat: a", "v1.0.0").commit("fix: b"), right="1.0.1"
    ),
    "a file that holds the next version": Row(
        told=lambda story: story.file("1.1.0").commit("feat: a", "v1.0.0").commit("feat: b"), right="1.1.0"
    ),
    "a maintenance line": Row(
        told=lambda story: (
            story.file("1.0.0").commit("feat: a", "v1.0.0"),
            story.here.git("switch", "--quiet", "--create", "1.x"),
            story.commit("fix: b").push(),
        ),
        right="1.0.1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_go_back_is_refused_by_both_commands(story: Story, name: str) -> None:
    REFUSED[name].told(story)

    for said in (story.next(), story.release()):
        assert said.startswith("4: ")
        assert "is there already" in said
        for words in REFUSED[name].said:
            assert words in said
    why = inside.shipit(story.here.top, "version", "--why", **PEOPLE)
    assert "commit   effect" in why.out, "the table is printed all the same"
    assert why.code == 4


@pytest.mark.parametrize("name", RIGHT)
def test_what_only_looks_so_is_released(story: Story, name: str) -> None:
    RIGHT[name].told(story)

    assert story.next() == RIGHT[name].right
    assert story.release() == RIGHT[name].right


def test_a_tag_that_was_never_pushed_is_named_with_the_command(story: Story) -> None:
    story.file("1.0.0").commit("feat: start")
    story.here.git("tag", "v1.0.0")
    story.commit("feat: more", push=False).push()

    assert story.next() == "1.1.0"
    said = story.release()
    assert said.startswith("4: ")
    assert "the tag v1.0.0 is only in this clone, not on origin" in said
    assert "git push origin v1.0.0" in said
    story.push("v1.0.0")
    assert story.release() == "1.1.0"


def test_a_version_on_the_index_that_no_tag_knows_is_named(story: Story) -> None:
    story.index = "directory"
    story.on_index("2.0.0")
    story.file("1.0.0").commit("feat: start", "v1.0.0").commit("feat: more")

    said = story.release()

    assert said.startswith("4: ")
    assert "has 2.0.0" in said
    assert "--as 2.0.1" in said
    assert story.release("--as", "2.1.0", "--reason", "2.0.0 went out by hand") == "2.1.0"


def test_a_version_on_the_index_that_was_yanked_does_not_bind(story: Story) -> None:
    story.index = "directory"
    story.on_index("2.0.0", ' data-yanked="a mistake"')
    story.file("1.0.0").commit("feat: start", "v1.0.0").commit("feat: more")

    assert story.release() == "1.1.0"


class TestHabits:
    """Of public repositories, built small: a dry run is right, or names the line that makes it right."""

    def release_with(self, story: Story, line: str) -> str:
        (story.here.top / "shipit.toml").write_text(line)
        story.commit("chore: configure")
        (story.here.top / "pyproject.toml").write_text(
            PYPROJECT.partition("[tool")[0].format(version="24.1.0", index="none")
        )
        story.commit("chore: move the configuration")
        return story.release()

    def test_tags_without_v(self, story: Story) -> None:
        story.file("24.1.0").commit("feat: a", "23.12.0").commit("fix: b", "24.1.0").commit("fix: c")
        assert 'set version.tag-format = "{version}"' in story.release()
        kept = 'index.kind = "none"\nforge.kind = "none"\n'
        assert self.release_with(story, kept + 'version.tag-format = "{version}"\n') == "24.1.1"

    def test_several_families_of_tags(self, story: Story) -> None:
        story.file("1.4.0").commit("feat: a", "core-v2.0.0", "v1.3.0").commit("fix: b", "cli/v0.9.0", "v1.4.0")
        assert story.commit("fix: c").release() == "1.4.1"

    def test_nightlies(self, story: Story) -> None:
        story.file("1.4.0").commit("feat: a", "v1.4.0")
        for day in range(3):
            story.commit(f"fix: {day}", f"v1.5.0-nightly.2026010{day}", f"nightly-2026-01-0{day}")
        assert story.release() == "1.4.1"

    def test_gitflow(self, story: Story) -> None:
        story.file("1.0.0", 'branches.develop = "develop"\n').commit("feat: a", "v1.0.0")
        story.here.git("switch", "--quiet", "--create", "develop")
        story.file("1.1.0.dev0", 'branches.develop = "develop"\n').commit("feat: b")
        assert story.release() == "1.1.0"

    def test_packages_in_one_repository(self, story: Story) -> None:
        packages = '[tool.shipit.packages.core]\npath = "core"\n[tool.shipit.packages.cli]\npath = "cli"\n'
        for name, version in (("core", "2.1.0"), ("cli", "0.3.0")):
            text = f'[project]\nname = "acme-{name}"\nversion = "{version}"\n'
            (story.here.top / name).mkdir()
            (story.here.top / name / "pyproject.toml").write_text(text)
        story.file("1.0.0", packages).commit("feat: a", "v1.0.0", "core-v2.1.0", "cli-v0.3.0")
        story.commit("fix: b", path="cli/cli.py").commit("feat: c", path="core/core.py")
        assert story.next("--package", "cli") == "0.3.1"
        assert story.next("--package", "core") == "2.2.0"
        assert story.release() == "1.1.0"
        assert "acme-cli 0.3.1" in story.release("--package", "cli")

    def test_packages_without_tags_each_with_a_first_version_of_its_own(self, story: Story) -> None:
        for name, version in (("core", "2.1.0"), ("cli", "0.0.0")):
            (story.here.top / name).mkdir()
            text = f'[project]\nname = "acme-{name}"\nversion = "{version}"\n'
            (story.here.top / name / "pyproject.toml").write_text(text)
        packages = '[tool.shipit.packages.core]\npath = "core"\n[tool.shipit.packages.cli]\npath = "cli"\n'
        story.file("0.0.0", f'version.initial = "0.5.0"\n{packages}')
        for say in (story.next, story.release):
            said = say("--package", "core")
            assert "the next version would be 0.5.0, but 2.1.0 is there already" in said
            assert 'set packages.core.initial = "2.1.0" if it is not released yet' in said
        story.file("0.0.0", f'version.initial = "0.5.0"\n{packages.replace("[tool.shipit.packages.cli]", INITIAL)}')
        assert story.next("--package", "core") == "2.1.0"
        assert story.next("--package", "cli") == "0.5.0"
        assert "acme-core 2.1.0" in story.release("--package", "core")
        assert "acme-cli 0.5.0" in story.release("--package", "cli")
        words = ("version", "--why", "--package")
        why = {name: inside.shipit(story.here.top, *words, name, **PEOPLE).out for name in ("core", "cli")}
        assert "2.1.0 counts from packages.core.initial = 2.1.0: no tag" in why["core"]
        assert "0.5.0 counts from version.initial = 0.5.0: no tag" in why["cli"]

    def test_gitflow_with_a_change_that_only_main_has(self, story: Story) -> None:
        story.file("1.0.0", 'branches.develop = "develop"\n').commit("feat: a", "v1.0.0")
        story.here.git("switch", "--quiet", "--create", "develop")
        story.commit("fix: b")
        story.here.git("switch", "--quiet", "main")
        story.commit("feat!: c")
        story.here.git("switch", "--quiet", "develop")
        assert story.release() == "2.0.0"

    def test_unrelated_tags_before_the_first_release(self, story: Story) -> None:
        story.file("0.1.0").commit("feat: a", "helm-chart-2.0.0")
        said = story.release()
        assert "the tag helm-chart-2.0.0 is in the history" in said
        assert '--as 2.0.1 --reason "…"' in said
        assert story.release("--as", "0.1.0", "--reason", "the first one") == "0.1.0"
