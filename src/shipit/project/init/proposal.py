"""The whole proposal for a repository: configuration, what goes with it, and workflows."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from shipit.config.pyproject import own_name
from shipit.config.settings import Settings, make_settings
from shipit.config.sources import OWN, PYPROJECT, Documents, Source, table
from shipit.project.init import (
    branches,
    databases,
    document,
    gates,
    images,
    others,
    packages,
    publishing,
    surroundings,
)
from shipit.project.init.changes import is_kept, workflow_changes
from shipit.project.init.model import Ask, Change, Finding, Note, Proposal, Seen, State
from shipit.project.init.ports import Repository
from shipit.project.workflows.source import product_of, workflows

_IGNORED = ".gitignore"
_TESTS = ".github/workflows/tests.yml"
_DRY_RUN = "shipit release --dry-run"
EDITED = "delete its first line to make it yours, or the file to have shipit's again"
"""Of a file that people changed below its first line."""


def propose(top: Path, documents: Documents, repository: Repository, ask: Ask) -> Proposal:
    """What is proposed; raises UsageError for a configuration with mistakes."""
    if documents.own.raw:
        settings = make_settings(top, documents)
        return _proposal(documents, settings, repository, [], [], wants_workflows=_wants(repository, ask))
    none = Source(file=PYPROJECT, prefix="tool.shipit", raw={})
    bare = replace(documents, own=none)
    seen = Seen(
        folder=_name(repository, top),
        paths=repository.paths,
        text=repository.text,
        clone=repository.clone,
        documents=bare,
        settings=make_settings(top, bare),
        ignored=repository.ignores,
        required=repository.required_checks,
        ask=ask,
    )
    found = tuple(_findings(seen))
    change, after = _configured(seen, found)
    settings = make_settings(top, after)
    notes = [one.text for one in found if isinstance(one, Note)]
    changes = [*_beside(seen, settings), change]
    return _proposal(after, settings, repository, changes, notes, wants_workflows=_wants(repository, ask))


def _findings(seen: Seen) -> Iterator[Finding]:
    """Every setting, suggestion and note; no two settings have one key."""
    name = own_name(seen.documents) or seen.folder
    yield from branches.branches(seen)
    spelled = list(branches.tag_format(seen, name))
    yield from spelled
    form = str(spelled[0].value) if spelled else seen.settings.config.version.tag_format
    yield from publishing.places(seen)
    yield from publishing.first_version(seen, form)
    yield from publishing.publishing(seen)
    yield from surroundings.changelog(seen)
    yield from databases.databases(seen)
    yield from surroundings.pythons(seen)
    yield from gates.gates(seen)
    yield from images.images(seen)
    yield from packages.packages(seen)
    yield from surroundings.frontend(seen)
    yield from branches.protection(seen)
    yield from others.others(seen)


def _configured(seen: Seen, found: Sequence[Finding]) -> tuple[Change, Documents]:
    """The file with the keys, and what is read from it then."""
    before = seen.text(PYPROJECT)
    file = document.file_for(before)
    block = document.rows(found, file)
    after = document.placed(before, block)
    if after is None:  # an inline table, or something else that no lines can follow
        file, before = OWN, None
        block = document.rows(found, file)
        after = document.placed(None, block) or ""
    raw = tomllib.loads(after)
    own = raw if file == OWN else table(raw, "tool", "shipit")
    change = Change(
        path=file,
        state=State.CHANGED if before is not None else State.NEW,
        before=before or "",
        after=after,
        reason="only what shipit does not find by itself",
        reasons=document.reasons(block),
    )
    prefix = "" if file == OWN else "tool.shipit"
    return change, replace(seen.documents, own=Source(file=file, prefix=prefix, raw=own))


def _beside(seen: Seen, settings: Settings) -> Iterator[Change]:
    """The changelog with a mark, where its form has no place for a version, and what git is to ignore."""
    config = settings.config
    file = config.changelog.file or ""
    marked = surroundings.marked(seen, file)
    if marked is not None:
        reason = "a mark where new versions go: shipit cannot tell from its form"
        yield Change(path=file, state=State.CHANGED, before=seen.text(file) or "", after=marked, reason=reason)
    if config.gates and not seen.ignored(f"{config.reports}/junit.xml"):
        before = seen.text(_IGNORED)
        text = before or ""
        end = "\r\n" if "\r\n" in text else "\n"
        after = f"{text}{end * bool(text and not text.endswith(end))}/{config.reports}/{end}"
        state = State.NEW if before is None else State.CHANGED
        reason = "gates leave their reports there"
        yield Change(path=_IGNORED, state=state, before=text, after=after, reason=reason)


def _proposal(
    documents: Documents,
    settings: Settings,
    repository: Repository,
    beside: Sequence[Change],
    notes: Sequence[str],
    *,
    wants_workflows: bool,
) -> Proposal:
    """The workflows come first, since the configuration says that a run before was complete."""
    config = settings.config
    has_node = any(path.endswith("package.json") and path.count("/") < 2 for path in repository.paths)
    has_src = any(path.startswith("src/") for path in repository.paths)
    projects = [
        path.removesuffix("/pyproject.toml") for path in repository.paths if path.endswith("/pyproject.toml")
    ]
    product = product_of(documents, config, has_node=has_node, has_src=has_src, projects=projects)
    wanted = dict(workflows(product)) if wants_workflows else {}
    if not config.gates:  # the usual ones would be red from their first day where there are no tests
        wanted.pop(_TESTS, None)
    changes = [*workflow_changes(wanted, repository), *beside]
    is_whole = not config.packages or bool(own_name(documents) or config.name)
    named = "" if is_whole else f" --package {next(iter(config.packages))}"
    left = {one.path for one in changes if one.state is State.FOREIGN}
    own = [note for note in notes if note.partition(" ")[0] not in left]
    return Proposal(changes=changes, notes=[*own, *_left(changes)], next=_DRY_RUN + named)


def _left(changes: Sequence[Change]) -> Iterator[str]:
    for one in changes:
        if one.state is State.FOREIGN:
            yield f"{one.path} was there and stays as it is: move it away to have shipit's, or call shipit in it"
        elif one.state is State.EDITED:
            yield f"{one.path} was changed by hand and stays so: {EDITED}"


def _wants(repository: Repository, ask: Ask) -> bool:
    """Whether workflows for GitHub Actions are written."""
    url = repository.clone.url
    host = url.partition("://")[2].partition("/")[0] if "://" in url else url.partition(":")[0]
    is_local = not host or "/" in host or url.startswith("file:") or host.startswith(".")
    if is_local or "github" in host or is_kept(repository):
        return True
    return ask(f"The remote is {host.rpartition('@')[2]}: write workflows for GitHub Actions?", False)


def _name(repository: Repository, top: Path) -> str:
    """The name of the repository: that of its remote, else of its folder."""
    last = repository.clone.url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    return last or top.name
