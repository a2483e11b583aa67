"""The merges of a release on git itself: what git merges, with the right version and every section in it."""

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.adapters.git.objects import GitObjects
from shipit.config import load
from shipit.errors import Refused
from shipit.model import Identity
from shipit.release.model import Release
from shipit.release.preparation import ReleaseBuilder, Signature
from shipit.release.survey import Survey
from shipit.versioning.decision import Decision
from tests.support.acme import git

ADA = Identity("Ada Acme", "ada@acme.example")
NOON = 1_741_003_200
PYPROJECT = """\
[project]
name = "acme"
description = "above"
version = "1.0.0"
requires-python = ">=3.11"

[tool.other]
below = 1
"""
LOCK = '[[package]]\nname = "acme"\nversion = "1.0.0"\nsource = { editable = "." }\n\n[[package]]\nname = "b"\n'
TOP = "# Changelog\n\n"
FIRST = "## [1.0.0] - 2025-03-03\n\n### Features\n\n- first word\n"
HOT = "## [1.0.1] - 2025-03-04\n\n### Fixes\n\n- hot\n\n"
BARE = "## [1.1.0] - 2025-03-03\n\n"
"""Where people wrote something by hand."""
NEW = f"{BARE}No changes since v1.0.0 that concern users.\n\n"
LOG = TOP + FIRST
README = "# acme\n\nOne word.\nAnother word.\nA third one.\n"
FILES = {
    "pyproject.toml": PYPROJECT,
    "acme/__init__.py": '"""Acme."""\n\n__version__ = "1.0.0"\nWORD = 1\n',
    "uv.lock": LOCK,
    "CHANGELOG.md": LOG,
    "README.md": README,
}
SETTINGS = """\
[project]
name = "acme"
version = "1.0.0"
[tool.shipit]
branches.develop = "develop"
version.files = ["pyproject.toml:project.version", "acme/__init__.py:__version__"]
"""
Edits = Mapping[str, tuple[str, str | None]]
"""What is replaced by what, by file; nothing is replaced in a new file, and by None in one that goes."""

RAISED = {
    "pyproject.toml": ('version = "1.0.0"', 'version = "1.1.0"'),
    "acme/__init__.py": ('__version__ = "1.0.0"', '__version__ = "1.1.0"'),
    "uv.lock": ('version = "1.0.0"', 'version = "1.1.0"'),
    "CHANGELOG.md": ("## [1.0.0]", NEW + "## [1.0.0]"),
}
HOT_FIX = {
    "pyproject.toml": ('version = "1.0.0"', 'version = "1.0.1"'),
    "acme/__init__.py": ('__version__ = "1.0.0"', '__version__ = "1.0.1"'),
    "uv.lock": ('version = "1.0.0"', 'version = "1.0.1"'),
    "CHANGELOG.md": ("## [1.0.0]", HOT + "## [1.0.0]"),
}
BOTH = {**RAISED, "CHANGELOG.md": ("## [1.0.0]", NEW + HOT + "## [1.0.0]")}
"""What a release makes of the files, on top of what people changed."""


def edited(files: Mapping[str, str], *edits: Edits) -> dict[str, str]:
    made = dict(files)
    for one in edits:
        for path, (old, new) in one.items():
            text = made.get(path, "")
            assert old in text, f"{path} has no {old!r}"
            made[path] = text.replace(old, new or "", 1)
            if new is None:
                del made[path]
    return made


@dataclass(frozen=True)
class Planned:
    """A commit to be made: its files, and its parents."""

    files: Mapping[str, str]
    parents: Sequence[int | str] = ()
    said: str = "feat: more\n"


def _as_stream(number: int, planned: Planned) -> bytes:
    """What `git fast-import` reads."""
    rows = ["commit refs/heads/made", f"mark :{number}", f"committer {ADA.name} <{ADA.email}> {NOON} +0000"]
    above = [f":{one}" if isinstance(one, int) else one for one in planned.parents]
    rows += [f"data {len(planned.said)}", planned.said]
    rows += [f"{word} {one}" for word, one in zip(("from", *["merge"] * len(above)), above, strict=False)]
    rows.append("deleteall")
    for path, text in planned.files.items():
        rows += [f"M 100644 inline {path}", f"data {len(text.encode())}", text]
    return "\n".join([*rows, ""]).encode()


class Repository:
    """A repository without a work tree in which people and shipit commit."""

    def __init__(self, folder: Path, *, bare: bool = True) -> None:
        self.folder = folder
        git(folder.parent, "init", "--quiet", *(["--bare"] if bare else []), str(folder))
        self.objects = GitObjects(folder)
        settings = folder.parent / f"{folder.name}-settings"
        settings.mkdir()
        (settings / "pyproject.toml").write_text(SETTINGS)
        self.config = load(settings, git=False)[1]

    def commits(self, *planned: Planned) -> list[str]:
        """Commits with these files; parents are numbers of planned ones, or ids."""
        marks = self.folder.parent / f"{self.folder.name}-marks"
        stream = b"".join(_as_stream(number, one) for number, one in enumerate(planned, 1))
        git(self.folder, "fast-import", "--quiet", "--force", f"--export-marks={marks}", data=stream)
        made = dict(row.split() for row in marks.read_text().splitlines())
        return [made[f":{number}"] for number, _ in enumerate(planned, 1)]

    def files(self, commit: str) -> dict[str, str]:
        packed = git(self.folder, "archive", "--format=tar", commit).encode("utf-8", "surrogateescape")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            found = {one.name: archive.extractfile(one) for one in archive.getmembers() if one.isfile()}
            return {name: file.read().decode() for name, file in found.items() if file}

    @property
    def builder(self) -> ReleaseBuilder:
        return ReleaseBuilder(objects=self.objects, config=self.config, links=None)

    def release(self, main: str, base: str, version: str = "1.1.0", branch: str = "develop") -> Release:
        """The commits of a release; what they are made of is always the same."""
        refs = {"refs/heads/main": main, f"refs/heads/{branch}": base}
        seen = Survey(refs=refs, base_branch=branch, base=base, tags=(), all_tags=(), commits=())
        decision = Decision(version=version, previous="v1.0.0", changes=(), rows=())
        return self.builder.make(seen, decision, Signature(ADA, NOON))

    def parents(self, commit: str) -> list[str]:
        return git(self.folder, "rev-parse", f"{commit}^@").split()

    def merges(self, ours: str, theirs: str) -> bool:
        """Whether `git merge-tree` merges these."""
        try:
            git(self.folder, "merge-tree", "--write-tree", ours, theirs)
        except RuntimeError:
            return False
        return True


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "acme.git")


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What people changed since v1.0.0 on develop, on main, and on develop after the release was decided.

    `release` is what the release makes of develop's files, `joined` of those with main's changes in them.
    `merged_back` says whether develop contains main, `windows` whether all lines end in CRLF.
    """

    develop: Edits = field(default_factory=dict)
    main: Edits = field(default_factory=dict)
    meanwhile: Edits = field(default_factory=dict)
    release: Edits = field(default_factory=lambda: RAISED)
    joined: Edits = field(default_factory=dict)
    attributes: str = ""
    merged_back: bool = True
    windows: bool = False
    git_merges: bool = True

    def files(self, *edits: Edits) -> dict[str, str]:
        start = {**FILES, ".gitattributes": self.attributes} if self.attributes else FILES
        made = edited(start, *edits)
        return {path: text.replace("\n", "\r\n") for path, text in made.items()} if self.windows else made


@dataclass(frozen=True)
class Laid:
    """A situation as commits: the tips of main and develop, and that of develop a while later."""

    main: str
    develop: str
    later: str


def lay_out(repository: Repository, case: Situation) -> Laid:
    start = case.files()
    made = repository.commits(
        Planned(start, (), "chore: begin\n"),
        Planned(start, (1,), "chore(release): v1.0.0\n"),
        Planned(start, (1, 2), "Merge release/v1.0.0 into main\n"),
        Planned(start, (2, 3) if case.merged_back else (2,), "Merge v1.0.0 into develop\n"),
        Planned(case.files(case.main), (3,), "fix: hot\n"),
        Planned(case.files(case.develop), (4,)),
        Planned(case.files(case.develop, case.meanwhile), (6,), "feat: later\n"),
    )
    main = made[4] if case.main else made[2]
    return Laid(main, made[5], made[6])


def both(*edits: Edits) -> Edits:
    return {path: texts for one in edits for path, texts in one.items()}


ABOVE = {"pyproject.toml": ('"above"', '"right above"')}
BELOW = {"pyproject.toml": ('requires-python = ">=3.11"', 'requires-python = ">=3.12"')}
AROUND = {
    "pyproject.toml": (
        'description = "above"\nversion = "1.0.0"\nrequires-python = ">=3.11"',
        'description = "right above"\nversion = "1.0.0"\nrequires-python = ">=3.12"',
    )
}
QUOTES = {"pyproject.toml": ('version = "1.0.0"', "version = '1.0.0'")}
WITH_QUOTES = {**RAISED, "pyproject.toml": ("version = '1.0.0'", "version = '1.1.0'")}
IN_MODULE = {"acme/__init__.py": ("WORD = 1", "WORD = 2")}
IN_LOCK = {"uv.lock": ('source = { editable = "." }', 'source = { editable = "." }\ndependencies = []')}
OLD_ENTRY = {"CHANGELOG.md": ("- first word\n", "- first word, said twice\n")}
OPEN = {"CHANGELOG.md": ("## [1.0.0]", "## [Unreleased]\n\n- soon\n\n## [1.0.0]")}
SOON = {**RAISED, "CHANGELOG.md": ("- soon", BARE + "- soon")}
AHEAD = {"pyproject.toml": ('version = "1.0.0"', 'version = "1.2.0.dev0"')}

UNDISTURBED = {
    "nothing but the release": Situation(),
    "the line above": Situation(develop=ABOVE),
    "the line below": Situation(develop=BELOW),
    "the lines around": Situation(develop=AROUND),
    "other quotes": Situation(develop=QUOTES, release=WITH_QUOTES),
    "lines of Windows": Situation(develop=both(AROUND, IN_MODULE), windows=True),
    "several files and a lock file": Situation(develop=both(BELOW, IN_MODULE, IN_LOCK, OLD_ENTRY)),
    "no back-merge of the last release": Situation(develop=both(AROUND, IN_MODULE, IN_LOCK), merged_back=False),
}
"""Main has nothing of its own: the release commit is what comes to main."""
DISTURBED = {
    "a fix of another file": Situation(
        develop=AROUND, main={"README.md": ("# acme", "# Acme")}, joined={"README.md": ("# acme", "# Acme")}
    ),
    "a fix right below the version": Situation(develop=ABOVE, main=BELOW, joined=BELOW, git_merges=False),
    "a renamed file that both changed": Situation(
        develop={"README.md": ("# acme", None), "docs/index.md": ("", README.replace("third", "3rd"))},
        main={"README.md": ("# acme", "# Acme")},
        joined={"docs/index.md": ("# acme", "# Acme")},
    ),
    "a fix right above the version": Situation(develop=IN_MODULE, main=ABOVE, joined=ABOVE, git_merges=False),
}
"""Main has changes without a version."""


def hot(**rest: object) -> Situation:
    """Main was released as 1.0.1, and that is not merged back."""
    log = {"CHANGELOG.md": (NEW, NEW + HOT)}
    return Situation(**{"main": HOT_FIX, "joined": log, "git_merges": False, **rest})  # type: ignore[arg-type]


LOG_ATTRIBUTES = ("union", "ours", "binary")
HOT_FIXED = {
    "a hot fix": hot(),
    "a hot fix and the line above": hot(develop=ABOVE),
    "a hot fix and the line below": hot(develop=BELOW),
    "a hot fix and the lines around": hot(develop=both(AROUND, IN_MODULE, IN_LOCK)),
    "a hot fix and other quotes": hot(develop=QUOTES, release=WITH_QUOTES),
    "a hot fix and lines of Windows": hot(develop=AROUND, windows=True),
    "a hot fix, never merged back": hot(develop=BELOW, merged_back=False),
    "a hot fix and an older entry": hot(develop=OLD_ENTRY),
    "a hot fix and words written by hand": hot(
        develop=OPEN, release=SOON, joined={"CHANGELOG.md": ("- soon\n\n", "- soon\n\n" + HOT)}
    ),
    "a squashed hot fix": hot(
        develop=HOT_FIX,
        release={
            **{path: (old.replace("1.0.0", "1.0.1"), new) for path, (old, new) in RAISED.items()},
            "CHANGELOG.md": ("## [1.0.1]", NEW + "## [1.0.1]"),
        },
        joined={},
    ),
    **{f"a hot fix, merge={one}": hot(attributes=f"CHANGELOG.md merge={one}\n") for one in LOG_ATTRIBUTES},
    "a hot fix, -merge": hot(attributes="CHANGELOG.md -merge\n"),
    "a hot fix, everything -merge": hot(attributes="* -merge\n"),
    "a hot fix, everything merge=union": hot(attributes="* merge=union\n", develop=AROUND),
}
SOON_AND_LATER = {"CHANGELOG.md": ("- soon\n", "- soon\n- later\n")}
MEANWHILE = {
    "a commit around the version": Situation(meanwhile=AROUND, joined=RAISED),
    "an older entry, several files": Situation(meanwhile=both(OLD_ENTRY, IN_MODULE, IN_LOCK), joined=RAISED),
    "a higher version by hand": Situation(
        meanwhile=AHEAD,
        joined={
            "acme/__init__.py": ('__version__ = "1.0.0"', '__version__ = "1.2.0.dev0"'),
            "uv.lock": ('version = "1.0.0"', 'version = "1.2.0.dev0"'),
            "CHANGELOG.md": RAISED["CHANGELOG.md"],
        },
    ),
    "the first words that are not released": Situation(meanwhile=OPEN, joined=RAISED),
    "words below those that are released": Situation(
        develop=OPEN,
        release=SOON,
        meanwhile=SOON_AND_LATER,
        joined={**RAISED, "CHANGELOG.md": ("- soon\n- later\n", f"- later\n\n{BARE}- soon\n")},
    ),
    "the same with lines of Windows": Situation(
        develop=OPEN,
        release=SOON,
        meanwhile=SOON_AND_LATER,
        joined={**RAISED, "CHANGELOG.md": ("- soon\n- later\n", f"- later\n\n{BARE}- soon\n")},
        windows=True,
    ),
    "a hot fix in a changelog that is glued together": hot(
        attributes="* merge=union\n", meanwhile=OPEN, joined={**BOTH}
    ),
}
"""`joined` is what the back-merge makes of develop's files as they are by then."""
SITUATIONS = UNDISTURBED | DISTURBED | HOT_FIXED
every_situation = pytest.mark.parametrize("case", SITUATIONS.values(), ids=SITUATIONS.keys())


HOSTILE = {
    "merge.renames": "false",
    "merge.directoryRenames": "true",
    "merge.conflictStyle": "diff3",
    "merge.renormalize": "true",
    "merge.renameLimit": "1",
    "merge.default": "union",
    "merge.ours.driver": "true",
    "merge.mine.driver": "cp %B %A",
    "diff.renames": "false",
    "diff.algorithm": "patience",
    "core.autocrlf": "true",
}


def of_another_user(repository: Repository, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A clone with settings, attributes and files in hand of its own, for a user who has some as well."""
    other = Repository(folder / "other", bare=False)
    (other.folder / ".git/objects/info/alternates").write_text(f"{repository.folder / 'objects'}\n")
    (other.folder / ".git/info/attributes").write_text("* merge=mine\n")
    (other.folder / ".gitattributes").write_text("* merge=binary\n")
    own = Path(os.environ["HOME"], ".config", "git", "attributes")
    own.parent.mkdir(parents=True)
    own.write_text("* -merge\n")
    for key, value in HOSTILE.items():
        git(other.folder, "config", key, value)
    for name, value in {"COUNT": "1", "KEY_0": "merge.default", "VALUE_0": "binary"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    return other


@every_situation
def test_comes_to_main_and_back_to_develop_whole(repository: Repository, case: Situation) -> None:
    laid = lay_out(repository, case)
    made = repository.release(laid.main, laid.develop)
    wanted = case.files(case.develop, case.release, case.joined)
    assert repository.files(made.commit) == case.files(case.develop, case.release)
    assert repository.files(made.tagged_commit) == wanted
    assert repository.parents(made.tagged_commit) == [laid.main, made.commit]
    assert repository.merges(laid.main, made.commit) is case.git_merges
    back = repository.builder.back_merge(made, laid.develop)
    assert back
    assert repository.objects.tree(back) == repository.objects.tree(made.tagged_commit)


@pytest.mark.parametrize(
    "name", ["a hot fix and the lines around", "a hot fix, merge=ours", "a renamed file that both changed"]
)
def test_comes_out_the_same_whatever_a_user_has_configured(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    laid = lay_out(repository, SITUATIONS[name])
    made = repository.release(laid.main, laid.develop)
    back = repository.builder.back_merge(made, laid.later)
    other = of_another_user(repository, tmp_path, monkeypatch)
    assert other.release(laid.main, laid.develop) == made
    assert other.builder.back_merge(made, laid.later) == back


@pytest.mark.parametrize("case", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_comes_to_a_develop_that_moved_on_meanwhile(repository: Repository, case: Situation) -> None:
    laid = lay_out(repository, case)
    made = repository.release(laid.main, laid.develop)
    back = repository.builder.back_merge(made, laid.later)
    assert back
    assert repository.files(back) == case.files(case.develop, case.meanwhile, case.joined)


class TestHistories:
    """Where the last common commit is not where one would look for it."""

    def test_with_two_of_them_merge(self, repository: Repository) -> None:
        fixed = edited(FILES, HOT_FIX)
        _, main, develop = repository.commits(
            Planned(FILES), Planned(FILES, (1,)), Planned(FILES, (1,), "docs: a\n")
        )
        main, develop = repository.commits(
            Planned(fixed, (main, develop)), Planned(edited(FILES, AROUND), (develop, main))
        )
        made = repository.release(main, develop)
        assert repository.files(made.tagged_commit) == edited(FILES, AROUND, BOTH)

    def test_that_a_squash_hides_are_known_from_the_release(self, repository: Repository) -> None:
        laid = lay_out(
            repository,
            Situation(develop=both(OPEN, IN_MODULE), meanwhile={"acme/__init__.py": ("WORD = 2", "WORD = 3")}),
        )
        made = repository.release(laid.main, laid.develop)
        (squash,) = repository.commits(
            Planned(repository.files(made.tagged_commit), (laid.main,), "feat: all (#1)\n")
        )
        back = repository.builder.back_merge(replace(made, tagged_commit=squash), laid.later)
        assert back
        assert repository.files(back) == edited(
            FILES, OPEN, IN_MODULE, {"acme/__init__.py": ("WORD = 2", "WORD = 3")}, SOON
        )

    def test_without_any_are_refused_with_the_command_that_helps(self, repository: Repository) -> None:
        (develop,) = repository.commits(Planned(FILES))
        main = repository.objects.commit(
            repository.objects.change_tree(None, {"LICENSE": b""}), (), "init\n", ADA, NOON
        )
        with pytest.raises(Refused, match="develop cannot be merged into main") as caught:
            repository.release(main, develop)
        assert caught.value.evidence == ("they have no commit in common",)
        assert "git switch develop && git pull && git merge --allow-unrelated-histories origin/main" in (
            caught.value.hint or ""
        )

    def test_of_a_clone_that_lacks_files_are_fetched(self, repository: Repository, tmp_path: Path) -> None:
        laid = lay_out(repository, hot(develop=AROUND))
        git(repository.folder, "config", "uploadpack.allowFilter", "true")
        for name, tip in {"main": laid.main, "develop": laid.develop}.items():
            git(repository.folder, "update-ref", f"refs/heads/{name}", tip)
        words = ("clone", "--quiet", "--bare", "--filter=blob:none", repository.folder.as_uri(), "partial")
        git(tmp_path, *words)
        partial = Repository(tmp_path / "partial")
        assert partial.release(laid.main, laid.develop) == repository.release(laid.main, laid.develop)


class TestConflicts:
    def test_beside_the_version_are_left_to_a_person(self, repository: Repository) -> None:
        other = {"pyproject.toml": ('requires-python = ">=3.11"', 'requires-python = ">=3.13"')}
        laid = lay_out(repository, hot(develop=both(BELOW, IN_MODULE), main={**HOT_FIX, **other}))
        with pytest.raises(Refused) as caught:
            repository.release(laid.main, laid.develop)
        assert caught.value.evidence == ("conflict in pyproject.toml",)

    def test_are_gone_when_the_hint_was_followed(self, repository: Repository) -> None:
        laid = lay_out(repository, Situation(develop=BELOW, main={"pyproject.toml": (">=3.11", ">=3.13")}))
        with pytest.raises(Refused, match="develop cannot be merged into main"):
            repository.release(laid.main, laid.develop)
        (resolved,) = repository.commits(Planned(edited(FILES, BELOW), (laid.develop, laid.main)))
        made = repository.release(laid.main, resolved)
        assert repository.files(made.tagged_commit) == edited(FILES, BELOW, RAISED)

    def test_that_a_union_hides_in_a_version_file_are_seen(self, repository: Repository) -> None:
        """Union keeps the lines of both, and a table of TOML has each key once."""
        changed = [{"pyproject.toml": ("below = 1", f"below = {value}")} for value in (2, 3)]
        laid = lay_out(repository, Situation(develop=changed[0], main=changed[1], attributes="* merge=union\n"))
        with pytest.raises(Refused) as caught:
            repository.release(laid.main, laid.develop)
        # the lock file repeats what can no longer be read there
        assert caught.value.evidence == ("conflict in pyproject.toml", "conflict in uv.lock")
