"""The refs that a release uses on the remote, and what they say."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from shipit.release.model import Release
from shipit.release.ports import Objects, Remote

LOCK = "refs/shipit/lock/release"
DECISION = "decision.json"
RECORD = "lock.json"
"""the holder of the lock, beside the decision"""
_BACK_MERGE = "refs/heads/back-merge/"


KEPT = "refs/shipit/kept/"


_EVIDENCE = "refs/shipit/release/"


def evidence_ref(tag: str) -> str:
    """Where release.json of a finished push stands on the remote, for good."""
    return f"{_EVIDENCE}{tag}"


def released_tags(refs: Iterable[str]) -> Iterator[str]:
    """The tags, of whatever package, whose release has evidence among these refs."""
    return (ref.removeprefix(_EVIDENCE) for ref in refs if ref.startswith(_EVIDENCE))


def kept_ref(tag: str) -> str:
    """Where the artifacts' bytes stand until the release is complete; while it exists the release is open."""
    return f"{KEPT}{tag}"


def back_merge_branch(tag: str) -> str:
    """The branch by which a release waits for a person to merge it back into develop."""
    return f"{_BACK_MERGE.removeprefix('refs/heads/')}{tag}"


def waiting_back_merges(refs: Iterable[str]) -> Mapping[str, str]:
    """The tags that have such a branch among these refs, with its name."""
    tags = (ref.removeprefix(_BACK_MERGE) for ref in refs if ref.startswith(_BACK_MERGE))
    return {tag: back_merge_branch(tag) for tag in tags}


def decision_text(release: Release) -> bytes:
    """The decision as the lock commit carries it."""
    return msgspec.json.format(msgspec.json.encode(release), indent=2) + b"\n"


def read_decision(data: bytes) -> Release:
    """Back from the text; raises msgspec.ValidationError if it is none."""
    return msgspec.json.decode(data, type=Release)


def bring(remote: Remote, objects: Objects, ref: str, sha: str) -> str:
    """The object that a ref of the remote holds, here too: somebody may have pushed since the survey."""
    if not objects.has(sha):
        remote.fetch(ref)
    return sha


def contains(remote: Remote, objects: Objects, branch: str, tip: str, commit: str) -> bool:
    """Whether a remote branch at `tip` contains a commit; brings the objects here if need be."""
    if tip == commit:
        return True
    if not (objects.has(tip) and objects.has(commit)):
        remote.fetch(f"refs/heads/{branch}")
    return objects.has(commit) and objects.is_ancestor(commit, tip)
