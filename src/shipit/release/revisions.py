"""A commit together with the version that its own files say."""

from collections.abc import Sequence

from shipit.errors import Refused
from shipit.model import Revision
from shipit.release.ports import History
from shipit.versioning.version_files import versions


def revision(history: History, commit: str, locations: Sequence[str]) -> Revision:
    """Read the version files of a commit; raises Refused where they say nothing, or several things."""

    def read(path: str) -> str | None:
        data = history.read(commit, path)
        return data.decode("utf-8", "replace") if data is not None else None

    found = {str(version) for version in versions(locations, read).values()}
    if len(found) != 1:
        raise Refused(
            f"the version files of {commit[:10]} say {' and '.join(sorted(found)) or 'no version'}",
            evidence=list(locations),
            hint="one version is needed: set version.files",
        )
    return Revision(found.pop(), commit)
