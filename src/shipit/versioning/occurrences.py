"""Files that mention the version, such as a README: wherever the last one stands, the new one is written."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from shipit.errors import Refused
from shipit.versioning.files import VersionLocation
from shipit.versioning.number import Version, written
from shipit.versioning.policy import Policy
from shipit.versioning.tags import version_of

Read = Callable[[str], str | None]


def last_version(in_files: Iterable[Version], previous: str | None, policy: Policy, new: str) -> Version | None:
    """The version that mentions still have: what a version file or the last tag says and is not the new one."""
    tagged = version_of(previous, policy.tag_format) if previous else None
    return next((one for one in (*in_files, tagged) if one and str(one) != new), None)


def renewed(mentions: Sequence[str], read: Read, old: Version | None, new: str) -> dict[str, str]:
    """Every file of these mentions in which something changes, with a SemVer version in it; by path.

    Raises Refused if a file is missing. A longer number, such as 11.0.0 for 1.0.0, is another version.
    """
    texts: dict[str, str] = {}
    for mention in mentions if old else ():
        path, text = _file(mention, read, texts)
        for spelled, start, end in reversed(list(_standing(mention, text, str(old)))):
            fitting = new if "-" in spelled else VersionLocation(path, "").spell(new)
            text = text[:start] + fitting + text[end:]
            texts[path] = text
    return texts


def silent(mentions: Sequence[str], read: Read, old: Version | None) -> Iterator[str]:
    """The mentions that find nothing to renew; raises Refused if a file is missing."""
    for mention in mentions if old else ():
        if not any(_standing(mention, _file(mention, read, {})[1], str(old))):
            yield mention


def _file(mention: str, read: Read, texts: dict[str, str]) -> tuple[str, str]:
    path = mention.partition(":")[0]
    text = texts.get(path) or read(path)
    if text is None:
        raise Refused(f"{path} is not there, but version.mentions names it", hint="correct version.mentions")
    return path, text


def _standing(mention: str, text: str, old: str) -> Iterator[tuple[str, int, int]]:
    """How the version is spelled where it stands, and from where to where, in the lines that are meant."""
    spellings = "|".join(re.escape(one) for one in (old, written(old)))
    wanted = re.compile(mention.partition(":")[2])
    for found in re.finditer(rf"(?<![\d.])(?:{spellings})(?!\d|\.\d)", text):
        start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
        if wanted.search(text[start : end if end >= 0 else len(text)]):
            yield found[0], found.start(), found.end()
