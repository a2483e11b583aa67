"""How things stand, as values that can be compared: remote, index, forge, and the user's clone."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.acme import git, refs
from tests.support.github_state import Repository

Standing = Mapping[str, Any]


def files(folder: Path, *without: str) -> dict[str, bytes]:
    """Every file below a folder with its bytes; hidden left-overs are files like any other."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(name): path.read_bytes() for name, path in found.items() if name.parts[0] not in without}


def of_forge(repository: Repository) -> Standing:
    """Releases and pull requests without what the forge numbers on its own: ids and addresses."""
    latest = [release.tag for release in repository.releases if release.id == repository.latest]
    releases = [
        {
            "tag": release.tag,
            "title": release.title,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "assets": sorted(
                (asset.name, asset.state, hashlib.sha256(asset.data).hexdigest()) for asset in release.assets
            ),
        }
        for release in repository.releases
    ]
    pulls = [(pull.head, pull.base, pull.title, pull.body, pull.head_sha, pull.state) for pull in repository.pulls]
    return {"releases": releases, "pulls": pulls, "latest": latest}


def of_clone(clone: Path) -> Standing:
    """All that a user has in a clone: files, index, HEAD, stash and every other ref, settings, work trees."""
    inner = clone / ".git"
    return {
        "files": files(clone, ".git"),
        "index": git(clone, "ls-files", "--stage"),
        "HEAD": (inner / "HEAD").read_text(),
        "refs": refs(clone),
        "stash": git(clone, "stash", "list"),
        "config": (inner / "config").read_bytes(),
        "work trees": git(clone, "worktree", "list", "--porcelain").count("worktree "),
    }


def left_over(clone: Path) -> list[str]:
    """What shipit keeps in a clone beyond its journal."""
    kept = files(clone / ".git" / "shipit")
    return [name for name in kept if not name.startswith("journal/")]
