"""What to say before a version is written into the work tree: a place is not known, or one is forgotten."""

from collections.abc import Iterator

from shipit.config.guesses import NOT_KNOWN, guess, keep
from shipit.config.place import files_in
from shipit.errors import Refused
from shipit.repository.clone import Clone
from shipit.versioning.version_files import forgotten


def second_places(clone: Clone) -> Iterator[str]:
    """Each place that keeps the version, with the key that settles it; raises Refused where none is known."""
    found = guess(clone)
    if found and found.doubt:
        raise Refused(NOT_KNOWN, where=found.file, evidence=[found.doubt], hint=found.named)
    if found and not found.files:
        yield f"nothing is written: {found.reason}"
    kept = forgotten(found.files, found.others, files_in(clone.top), None) if found else {}
    if found and kept:
        yield f"{keep([*kept], next(iter(kept.values())))}; {found.settles([*kept])}"
