"""What stands around the package: its changelog, versions of Python, a frontend."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from shipit.changelog import adoption
from shipit.config.setup_files import options
from shipit.config.sources import table
from shipit.project.init.model import Finding, Note, Seen, Setting, Suggestion

_LOGS = (
    "CHANGELOG.md",
    "CHANGES.md",
    "HISTORY.md",
    "NEWS.md",
    "RELEASES.md",
    "docs/changelog.md",
    "docs/CHANGELOG.md",
)
_OTHER_LOG = re.compile(r"(?:docs/)?(?:changelog|changes|history|news)(?:\.rst|\.txt)?", re.IGNORECASE)
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Those on which shipit itself runs."""
_BOUND = re.compile(r"(>=|>|<=|<|\^|~=|~|==)\s*3\.(\d+)")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def changelog(seen: Seen) -> Iterator[Finding]:
    """The file that people keep, where it has another name or another manner."""
    usual = seen.settings.config.changelog.file
    there = {path.lower(): path for path in seen.paths}
    file = next((there[one.lower()] for one in (usual or "", *_LOGS) if one.lower() in there), "")
    if file and file != usual:
        yield Setting(key="changelog.file", value=file, reason="the changelog that is there")
    if not file and (other := next(filter(_OTHER_LOG.fullmatch, seen.paths), "")):
        reason = f"{other} is no Markdown, which is all that shipit writes: notes go to the release on GitHub"
        yield Setting(key="changelog.file", value="", reason=reason, comment=f"{other} is kept by hand")


def marked(seen: Seen, file: str) -> str | None:
    """The changelog with a mark for new versions, where their place cannot be recognised; None where it can."""
    text = seen.text(file) if file else None
    if text is None or adoption.line(text) is not None:
        return None
    return adoption.adopt(text)


def pythons(seen: Seen) -> Iterator[Finding]:
    """Versions of Python that the project names, as far as shipit runs on them."""
    listed = [*_classifiers(seen)]
    allowed = [one for one in _PYTHONS if _allows(_requirement(seen), one)]
    wanted = [one for one in allowed if one in listed] if listed else _usual(allowed, seen)
    older = [one for one in listed if _number(one) < _number(_PYTHONS[0])]
    if older and wanted:
        yield Note(
            f"shipit runs on Python {_PYTHONS[0]} and newer: tests on {', '.join(older)} need a job of your own"
        )
    if not wanted:
        yield Note(f"the project names no Python on which shipit runs: {', '.join(_PYTHONS)}")
    elif tuple(wanted) != seen.settings.config.workflows.pythons:
        why = "its classifiers name" if listed else "its requires-python allows"
        yield Setting(
            key="workflows.pythons", value=tuple(wanted), reason=f"the tests run on the versions that {why}"
        )


def frontend(seen: Seen) -> Iterator[Finding]:
    """A frontend that is deployed beside: where it lives nobody can see."""
    vercel = next((path for path in seen.paths if re.search(r"(?:^|/)(?:vercel\.json|\.vercel/.*)$", path)), "")
    built = next((path for path in seen.paths if path.endswith("package.json") and _is_built(seen.text(path))), "")
    path = vercel or built
    if not path:
        return
    folder = re.sub(r"/?(?:vercel\.json|\.vercel/.*|package\.json)$", "", path) or "."
    kind = f'kind = "vercel", project = "NAME", token = "env:VERCEL_TOKEN", source = "{folder}"'
    if not vercel:
        kind = f'kind = "directory", source = "{folder}", path = "/srv/NAME/site"'
    lines = ("[environments.production]", 'from = "tags"', f"targets.frontend = {{ {kind} }}")
    reason = f"where {folder} is deployed to, for `shipit deploy --env production`"
    yield Suggestion(lines=lines, reason=reason)


def _classifiers(seen: Seen) -> Iterator[str]:
    for table_ in (seen.documents.project or {}, seen.documents.tool("poetry")):
        texts: Any = table_.get("classifiers", ())
        yield from _CLASSIFIER.findall("\n".join(map(str, texts)) + "\n")
    if seen.documents.project is None:
        yield from _CLASSIFIER.findall(options(seen.text).get("metadata", {}).get("classifiers", ""))


def _requirement(seen: Seen) -> str:
    poetry = table(seen.documents.tool("poetry"), "dependencies").get("python", "")
    cfg = options(seen.text).get("options", {}).get("python_requires", "")
    return str((seen.documents.project or {}).get("requires-python") or poetry or cfg)


def _usual(allowed: Sequence[str], seen: Seen) -> Sequence[str]:
    """The usual ones where they are allowed, else the two oldest that are."""
    usual = [one for one in seen.settings.config.workflows.pythons if one in allowed]
    return usual if len(usual) == len(seen.settings.config.workflows.pythons) else allowed[:2]


def _allows(requirement: str, version: str) -> bool:
    minor = _number(version)
    for sign, digits in _BOUND.findall(requirement):
        bound = int(digits)
        fits = {
            ">=": minor >= bound, "^": minor >= bound, "~=": minor >= bound, "~": minor == bound,
            ">": minor >= bound, "<=": minor < bound, "<": minor < bound, "==": minor == bound,
        }  # fmt: skip
        if not fits[sign]:
            return False
    return True


def _number(version: str) -> int:
    return int(version.partition(".")[2])


def _is_built(text: str | None) -> bool:
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return False
    scripts = found.get("scripts") if isinstance(found, dict) else None
    return isinstance(scripts, dict) and "build" in scripts
