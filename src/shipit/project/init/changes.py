"""The files that init writes, compared with those that are there."""

from collections.abc import Iterator, Mapping

from shipit.project.init import stamps
from shipit.project.init.model import Change, State
from shipit.project.init.ports import Repository
from shipit.project.init.stamps import Author

_REASONS = {
    "tests": "style, types and tests on every push and pull request",
    "build": "images are built on every push and pull request, and pushed except for pull requests",
    "migrate": "migrations are looked at on pull requests, and applied where that is configured",
    "security": "security scans on every push and pull request, and once a week",
    "release": "a release by a click, or `gh workflow run release.yml`",
    "shipit": "installs what each job needs: Python, shipit, and the tools of the gates",
    "trufflehog": "installs the scanner for secrets, one version, checked by its sha256",
    "zizmor": "rules that zizmor, a linter of workflows, is not to apply",
    "actionlint": "the labels of runners of your own, for actionlint",
}
_STATES = {Author.INIT: State.CHANGED, Author.EDITOR: State.EDITED, Author.SOMEBODY: State.FOREIGN}


def workflow_changes(wanted: Mapping[str, str], repository: Repository) -> Iterator[Change]:
    """What becomes of each file; one that init wrote and does not write any more is removed."""
    for path, body in wanted.items():
        yield _change(path, body, repository)
    for path in repository.forge_files:
        text = repository.text(path)
        is_whole = path.endswith((".yml", ".yaml"))  # a run that was killed may have left a part of one
        if is_whole and path not in wanted and text is not None and stamps.author(text) is Author.INIT:
            reason = "the configuration has no use for it any more"
            yield Change(path=path, state=State.REMOVED, before=text, reason=reason)


def is_kept(repository: Repository) -> bool:
    """Whether there are workflows of init's already."""
    texts = map(repository.text, repository.forge_files)
    return any(text is not None and stamps.author(text) is not Author.SOMEBODY for text in texts)


def _change(path: str, body: str, repository: Repository) -> Change:
    before, after = repository.text(path), stamps.stamped(body)
    if before is None:
        state = State.FOREIGN if repository.is_there(path) else State.NEW
    elif stamps.spelled(before) in {body, after}:
        state = State.SAME
    else:
        state = _STATES[stamps.author(before)]
    return Change(path=path, state=state, before=before or "", after=after, reason=_reason(path))


def _reason(path: str) -> str:
    parts = path.split("/")
    name = parts[-2] if parts[-1] == "action.yml" else parts[-1].partition(".")[0]
    if name.startswith("deploy-"):
        return f"what is deployed to {name.removeprefix('deploy-')}, and when"
    return _REASONS[name]
