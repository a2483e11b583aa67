"""Where shipit and python-semantic-release answer differently, rule by rule: docs/differences.md lists them.

A rule of reading rewrites a history in words that both understand alike: it says the same to shipit as before, and
to python-semantic-release what shipit had understood. A rule of counting says what shipit makes of the other's
answer. After all rules nothing may differ. `python -m tests.support.differences` renews the page.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shipit.quotations import quotations
from shipit.versioning.number import Version, parse
from tests.support import oracle
from tests.support.commits import sha
from tests.support.histories import History

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"
BEGIN, END = "<!-- rules -->\n", "<!-- end of rules -->"
KNOWN = "feat|fix|perf|build|chore|ci|docs|style|refactor|test"
NOTHING = "chore: nothing new"
UNSEEN = "not seen"
RELEASED = "chore(release): 1.3.0"


@dataclass(frozen=True, slots=True)
class Reading:
    """`rewrite` gives the messages, oldest first, in words that both understand alike."""

    name: str
    reason: str
    rewrite: Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Counting:
    """`adjust` gives shipit's version for a history and what the other says."""

    name: str
    reason: str
    adjust: Callable[[History, str | None], str | None]


def explained(history: History, readings: Sequence[Reading], countings: Sequence[Counting]) -> str | None:
    """What shipit should say, by the other's answer and these rules."""
    version = oracle.version(rewritten(history, readings))
    for rule in countings:
        version = rule.adjust(history, version)
    return version


def rewritten(history: History, readings: Sequence[Reading]) -> History:
    messages: Sequence[str] = history.messages
    for rule in readings:
        messages = rule.rewrite(messages)
    return replace(history, messages=tuple(messages))


def table() -> str:
    """The rules as the page lists them."""
    rows = [f"| {rule.name} | {rule.reason} |" for rule in (*READINGS, *COUNTINGS)]
    return "\n".join(["| shipit | why |", "|---|---|", *rows]) + "\n"


def page(text: str) -> str:
    """The page with its table as it should be."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _each(rewrite: Callable[[str], str]) -> Callable[[Sequence[str]], list[str]]:
    return lambda messages: [rewrite(message) for message in messages]


def _release(text: str) -> str:
    made = re.match(r"chore\(release\): |chore: release \d|bump: version |\d+\.\d+\.\d+\n", text)
    return RELEASED if made else text


def _without_quotations(text: str) -> str:
    text = text.replace("\r", "")
    quoted = quotations(text)
    kept = "".join("" if quoted.cover(place) else char for place, char in enumerate(text))
    head, gap, body = kept.partition("\n\n")
    if head.startswith("Squashed commit"):
        return kept
    return head + gap + re.sub(r"^(?:>|    |- BREAKING).*\n?", "", body, flags=re.MULTILINE)


def _lower(text: str) -> str:
    kind = re.match(rf"(?i:{KNOWN})(?=(?:\([^()\n]+\))?!?: )", text)
    return text[: kind.end()].lower() + text[kind.end() :] if kind else text


def _foreign(text: str) -> str:
    return re.sub(rf"\A(?!(?i:{KNOWN}|revert)\b)[\w-]+(?=(?:\([^()\n]+\))?!?: )", "chore", text)


def _spread(text: str) -> str:
    return re.sub(r"(?<!\n)\n(?=BREAKING[ -]CHANGE: )", "\n\n", text)


def _prose(text: str) -> str:
    """Paragraphs of a body that begin like a header are only words."""
    return re.sub(rf"(?<=\n\n)(?=(?:{KNOWN})(?:\([^\n]+\))?!?: )", "so ", text)


def _list(text: str) -> str:
    if re.match(r"[^\n]*\(#\d+\)\n\n\* ", text):
        return text
    return re.sub(rf"(?<=\n\n)[*-] (?=(?:{KNOWN})\b)", "so ", text)


def _short_parts(text: str) -> str:
    if not re.match(r"[^\n]*\(#\d+\)\n\n\* ", text):
        return text
    return re.sub(rf"(?<=\n\n)(\* (?:{KNOWN})(?:\([^()\n]+\))?!?: \S+)(?=\n)", r"\1 it", text)


def _titled(text: str) -> str:
    """Parts of a squashed commit that ask for more than its title without breaking anything ask for as much."""
    title = re.match(rf"({KNOWN})(?:\([^()\n]+\))?!?: [^\n]*\(#\d+\)\n\n\* ", text)
    if not title:
        return text
    head, *parts = re.split(r"(?<=\n\n)(?=\* )", text)
    return head + "".join(_as_much(part, title[1]) for part in parts)


def _as_much(part: str, title: str) -> str:
    found = re.match(rf"\* ({KNOWN})(?=(?:\([^()\n]+\))?: )", part)
    if not found or re.search(r"^BREAKING[ -]CHANGE: ", part, re.MULTILINE) or _weight(found[1]) <= _weight(title):
        return part
    return f"* {title}{part[found.end() :]}"


def _weight(kind: str) -> int:
    return {"feat": 2, "fix": 1, "perf": 1}.get(kind, 0)


def _scopes(text: str) -> str:
    return re.sub(r"\A\w+\([^()\n]*\([^()\n]*\)\)!?: ", "words ", text)


def _one_line(text: str) -> str:
    return re.sub(r"\A\w+: *\n\n", "words\n\n", text)


_TITLE = re.compile(r'(?:Revert "(?P<quoted>.*)"(?: \(#\d+\))?|[Rr]evert: (?P<plain>.*))')


def _reverted(messages: Sequence[str]) -> list[str]:
    """Without what is taken back, and without what takes it back."""
    found, gone = list(messages), set[int]()
    for position in reversed(range(len(messages))):
        title = _TITLE.fullmatch(_title(messages[position]))
        if not title or position in gone:
            continue
        target = _target(messages, position, title["quoted"] or title["plain"], gone)
        if target is not None:
            gone |= {target}
            found[position] = found[target] = NOTHING
    return found


def _target(messages: Sequence[str], position: int, subject: str, gone: set[int]) -> int | None:
    named = re.search(r"(?:reverts commit|Refs:) ([0-9a-f]{9,40})", messages[position])
    known = {sha(older): older for older, message in enumerate(messages) if message != UNSEEN}
    for full, older in known.items():
        if named and full.startswith(named[1]):
            return older
    alike = [
        older for older in range(position) if older not in gone and _bare(_title(messages[older])) == _bare(subject)
    ]
    return max(alike, default=None)


def _released_reverts(messages: Sequence[str]) -> list[str]:
    """News for people who have what is taken back: a fix, unless it was nothing for them."""
    return [_news(message) for message in messages]


def _news(message: str) -> str:
    title = _TITLE.fullmatch(_title(message))
    if not title:
        return message
    subject = title["quoted"] or title["plain"]
    inner = re.match(r"(\w[\w-]*)(?:\([^()]+\))?(!?): \S", subject)
    if _TITLE.fullmatch(subject):  # the revert of a released revert
        return _bare(subject.removeprefix('Revert "').removesuffix('"').removeprefix("revert: "))
    silent = inner and not inner[2] and inner[1].lower() not in {"feat", "fix", "perf"}
    return NOTHING if silent else "fix: take back what is released"


def _title(message: str) -> str:
    return message.partition("\n")[0].rstrip("\r ")


def _bare(subject: str) -> str:
    return re.sub(r" \(#\d+\)$", "", subject)


READINGS = (
    Reading(
        "A change and its revert cancel each other, found by id, by `Refs` or by subject; the revert of a revert "
        "brings the change back",
        "Nothing is different for the people who use it (semantic-release and python-semantic-release still bump)",
        _reverted,
    ),
    Reading(
        "The revert of what is released asks for a patch release",
        'People have it and must get the version without it; python-semantic-release does not know `Revert "…"` '
        "and `revert:`",
        _released_reverts,
    ),
    Reading(
        "A release commit asks for nothing, whatever its body quotes",
        "It was made by a release tool, and its body repeats what is released already",
        _each(_release),
    ),
    Reading(
        "What is quoted is prose: fenced and indented code, `>`, `<details>`, comments",
        "Updates quote the notes of other projects; their breaking changes are not ours",
        _each(_without_quotations),
    ),
    Reading(
        "A paragraph of the body that reads like a header is prose",
        "Only the first line is the header (rules 1 and 6 of Conventional Commits); a `docs:` commit that explains "
        "how to write `feat: …` is no feature",
        _each(_prose),
    ),
    Reading(
        "A list in a body means squashed commits only below a title that ends in `(#12)`",
        "That is how GitHub writes them; any other list is prose",
        _each(_list),
    ),
    Reading(
        "A squashed commit of one word counts, like `* fix: typo`",
        "Conventional Commits asks for a description, not for two words",
        _each(_short_parts),
    ),
    Reading(
        "A conventional title of a squashed commit sets the level; its parts raise it only by breaking",
        "The title is what was reviewed; in the history of three large projects it was right 16 times of 18",
        _each(_titled),
    ),
    Reading(
        "`Feat:` and `FIX:` are `feat:` and `fix:`",
        "Rule 15 of Conventional Commits: units are not case sensitive",
        _each(_lower),
    ),
    Reading(
        "Every type may break: `deps!: …`",
        "Rules 11 to 14 of Conventional Commits: other types may be used, and a breaking change can be part of any",
        _each(_foreign),
    ),
    Reading(
        "`BREAKING CHANGE:` counts at the beginning of any line",
        "A forgotten blank line must not hide a breaking change from the people whom it hits",
        _each(_spread),
    ),
    Reading(
        "A scope holds no parentheses: `fix(a(b)): …` has no header",
        "Rule 4 of Conventional Commits: a scope is a noun in parentheses; `version --why` names such commits",
        _each(_scopes),
    ),
    Reading(
        "The description stands on the line of the type",
        "Rule 5 of Conventional Commits: it follows the colon and the space immediately",
        _each(_one_line),
    ),
)


def _past(history: History) -> tuple[Version | None, Version | None]:
    """(the last final version, the highest prerelease since)"""
    found = [parse(name[1:]) for name, _ in history.tags]
    final = next((version for version in found if version.is_final), None)
    line = max((version for version in found if not version.is_final), key=lambda one: one.precedence, default=None)
    return final, line


def _first(history: History, version: str | None) -> str | None:
    final, _ = _past(history)
    if final or all(message == RELEASED for message in rewritten(history, READINGS).messages):
        return version
    return f"0.1.0-{history.pre}.1" if history.pre else "0.1.0"


def _announced(history: History, version: str | None) -> str | None:
    _, line = _past(history)
    if version and line and parse(version).core.precedence < line.core.precedence:
        return str(line.core.replace(prerelease=parse(version).prerelease))
    return version


def _whole(history: History, version: str | None) -> str | None:
    finals = tuple((name, place) for name, place in history.tags if place < 0)
    found = oracle.version(replace(rewritten(history, READINGS), tags=finals))
    further = version and found and parse(found).core.precedence > parse(version).core.precedence
    return found if further else version


def _new(history: History, version: str | None) -> str | None:
    _, line = _past(history)
    if not (history.pre and line):
        return version
    count = 1 + max(place for _, place in history.tags)
    fresh = replace(history, messages=(*[UNSEEN] * count, *history.messages[count:]))
    levels = [oracle.level(message) for message in rewritten(fresh, READINGS).messages]
    promoted = line.token != history.pre and any(map(oracle.level, rewritten(history, READINGS).messages))
    if not any(levels) and not promoted:
        return None
    serial = line.serial + 1 if line.token == history.pre else 1
    return version or str(line.core.replace(prerelease=f"{history.pre}.{serial}"))


def _not_back(history: History, version: str | None) -> str | None:
    _, line = _past(history)
    back = version and line and parse(version).precedence < line.precedence
    return "refused" if back else version


COUNTINGS = (
    Counting(
        "The first version is the configured one, 0.1.0 by default",
        "It is a decision of people, not the sum of all commits before it",
        _first,
    ),
    Counting(
        "A version never falls below what its prereleases have announced",
        "1.1.0 follows 1.1.0-rc.1, also when the feature was taken out again in between",
        _announced,
    ),
    Counting(
        "A prerelease needs news since the last one, or is of a later kind; undoing what is in that one is news",
        "A beta may become a candidate as it is; python-semantic-release looks for the last one of the same kind "
        "only",
        _new,
    ),
    Counting(
        "Which version a prerelease leads to follows from all commits since the last final version",
        "python-semantic-release looks at those since the last prerelease, so that a version once too low stays "
        "too low",
        _whole,
    ),
    Counting(
        "A line of prereleases does not go back from rc to beta",
        "The index would sort the newer one below the older one",
        _not_back,
    ),
)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
