"""Random linear histories, written as people and tools write commit messages, with all that goes wrong in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from shipit.model import Commit, Tag
from tests.support.commits import line, sha, tag

TYPES = ("feat", "feat", "feat", "fix", "fix", "fix", "perf", "docs", "chore", "refactor", "test", "ci", "build")
FOREIGN_TYPES = ("wip", "deps", "security", "i18n", "feature", "Feat", "FIX", "Docs")
WORDS = ("say it louder", "read the file twice", "add form", "leave out `x`", "speed up", "update notes (again)")
SCOPES = ("", "", "", "(api)", "(cli)", "(api, cli)", "(a/b)")
FINALS = ("v1.2.3", "v2.0.0", "v0.4.0", "v0.0.1", "v1.9.10", "")
HEADER = "feat: allow provided config object to extend other configs"


@dataclass(frozen=True, slots=True)
class History:
    """Messages, oldest first, each on the one before; tags by the position of their commit, -1 for one before.

    `pre` is the kind of prerelease that is asked for.
    """

    messages: tuple[str, ...]
    tags: tuple[tuple[str, int], ...]
    pre: str | None

    @property
    def commits(self) -> list[Commit]:
        """Newest first, as shipit reads them."""
        return line(*self.messages)

    @property
    def version_tags(self) -> list[Tag]:
        return [tag(name, position if position >= 0 else "base") for name, position in self.tags]


def histories(seed: int, count: int) -> list[History]:
    """The same ones for the same seed."""
    random = Random(seed)
    return [_history(random) for _ in range(count)]


def _history(random: Random) -> History:
    messages: list[str] = []
    for _ in range(random.randint(0, 5)):
        messages.append(random.choice(_MAKERS)(random, messages))
    final = random.choice(FINALS)
    tags = [(final, -1)] if final else []
    pre = random.choice((None, None, None, "rc", "beta"))
    if messages and final and random.random() < 0.4:
        tags += _line(random, final, len(messages))
    return History(tuple(messages), tuple(tags), pre)


def _line(random: Random, final: str, length: int) -> list[tuple[str, int]]:
    """Prereleases since the last final version, on some of the commits."""
    major, minor, patch = map(int, final[1:].split("."))
    core = random.choice((f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0"))
    kind = random.choice(("rc", "rc", "beta"))
    places = sorted(random.sample(range(length), min(length, random.randint(1, 2))))
    return [(f"v{core}-{kind}.{number}", place) for number, place in enumerate(places, 1)]


def _header(random: Random) -> str:
    mark = "!" if random.random() < 0.08 else ""
    return f"{random.choice(TYPES)}{random.choice(SCOPES)}{mark}: {random.choice(WORDS)}"


def _plain(random: Random, _: Sequence[str]) -> str:
    return _header(random)


def _with_body(random: Random, _: Sequence[str]) -> str:
    return f"{_header(random)}\n\nIt was too quiet.\n\nSee the notes.\n\nCloses #12\nReviewed-by: Z"


def _pull_request(random: Random, _: Sequence[str]) -> str:
    return f"{_header(random)} (#{random.randint(1, 99)})"


def _unconventional(random: Random, _: Sequence[str]) -> str:
    texts = (
        "Say it louder",
        "WIP",
        "",
        "feat:no space",
        "feat : x",
        "fixup! feat: x",
        "(api): x",
        "fix: ",
        "feat:\n\nsay it louder",
    )
    return random.choice((*texts, "http://feat: x", "feat(): x", "fix(a(b)): x y", "feat(a): use foo(b): bar"))


def _foreign_type(random: Random, _: Sequence[str]) -> str:
    mark = "!" if random.random() < 0.3 else ""
    return f"{random.choice(FOREIGN_TYPES)}{random.choice(SCOPES)}{mark}: {random.choice(WORDS)}"


def _breaking(random: Random, _: Sequence[str]) -> str:
    gap = random.choice(("\n\n", "\n\n", "\n", "\n\nbody\n", "\n\nbody\n\n"))
    word = random.choice(
        ("BREAKING CHANGE", "BREAKING CHANGE", "BREAKING-CHANGE", "breaking change", "BREAKING CHANGES")
    )
    return f"{_header(random)}{gap}{word}: the old way is gone"


def _windows(random: Random, _: Sequence[str]) -> str:
    return random.choice(
        (
            f"{_header(random)}\r\n\r\nthe body\r\n",
            f"{_header(random)}\r\n\r\nBREAKING CHANGE: the old way\r\n",
            f"{_header(random)}\r\n\r\nthe body\r\n\r\nBREAKING CHANGE: the old way\r\n",
        )
    )


def _quoted(random: Random, _: Sequence[str]) -> str:
    inner = random.choice((HEADER, "feat!: new config", "BREAKING CHANGE: needs Node 22"))
    around = random.choice(
        (
            "```\n{}\n```",
            "Its notes say\n\n~~~\n{}\n~~~",
            "<details>\n\n{}\n\n</details>",
            "<!--\n{}\n-->",
            "> {}",
            "    {}",
            "Its notes say `{}`",
            "- {}",
        )
    )
    return f"{_header(random)}\n\n{around.format(inner)}"


def _prose(random: Random, _: Sequence[str]) -> str:
    inner = random.choice((HEADER, "fix: it works again", "* feat: a list in prose", "- fix: a list in prose"))
    return f"{_header(random)}\n\nWrite for instance\n\n{inner}\n\nor something like it."


def _squash(random: Random, _: Sequence[str]) -> str:
    title = random.choice(("Login (#3)", "feat: form (#3)", "docs: words (#3)", "Login"))
    parts = "\n\n".join(f"* {random.choice((_header(random), 'fix: typo'))}" for _ in range(random.randint(1, 3)))
    return f"{title}\n\n{parts}\n\n---------\n\nCo-authored-by: Bea <bea@example.com>"


def _local_squash(random: Random, _: Sequence[str]) -> str:
    head = f"commit {'a' * 40}\nAuthor: Ann <ann@example.com>\nDate:   Mon Jan 1 00:00:00 2024 +0000\n\n"
    return f"Squashed commit of the following:\n\n{head}    {_header(random)}\n"


def _revert(random: Random, so_far: Sequence[str]) -> str:
    position = random.randrange(len(so_far)) if so_far and random.random() < 0.8 else None
    subject = HEADER if position is None else so_far[position].partition("\n")[0].rstrip("\r")
    name: object = "long ago" if position is None else position
    return random.choice(
        (
            f'Revert "{subject}"\n\nThis reverts commit {sha(name)}.',
            f'Revert "{subject}" (#9)',
            f"revert: {subject}\n\nThis reverts commit {sha(name)}.",
            f"revert: take it out\n\nRefs: {sha(name)[:9]}",
        )
    )


def _picked(random: Random, _: Sequence[str]) -> str:
    return f"{_header(random)}\n\n(cherry picked from commit {sha('another branch')})"


def _release(random: Random, _: Sequence[str]) -> str:
    title = random.choice(
        ("chore(release): 1.3.0 [skip ci]", "chore: release 1.3.0", "1.3.0", "bump: version 1.2.3 → 1.3.0")
    )
    return f"{title}\n\n{random.choice((HEADER, '* fix: two words', 'BREAKING CHANGE: told before'))}"


_MAKERS: tuple[Callable[[Random, Sequence[str]], str], ...] = (
    *(_plain,) * 9,
    _with_body,
    _with_body,
    _pull_request,
    _pull_request,
    _unconventional,
    _unconventional,
    _foreign_type,
    _foreign_type,
    _breaking,
    _breaking,
    _windows,
    _quoted,
    _quoted,
    _prose,
    _squash,
    _squash,
    _local_squash,
    _revert,
    _revert,
    _revert,
    _picked,
    _release,
)
