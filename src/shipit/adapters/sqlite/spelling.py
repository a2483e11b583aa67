"""SQL as SQLite keeps it, without what its ALTER TABLE spells differently: spaces, comments, quotes, case."""

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>[xX]?'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<word>[^\W\d][\w$]*)
    |(?P<other>\d[\w.]*|<=|>=|<>|!=|==|\|\||<<|>>|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[^\W\d][\w$]*")


@lru_cache(maxsize=4096)  # a run looks at the same definitions several times
def normalised(sql: str) -> str:
    """One line that is the same for the same definition."""
    return " ".join(words(sql))


def words(sql: str) -> Iterator[str]:
    """The tokens of a statement; names and keywords in small letters, since SQLite does not tell them apart."""
    for found in _TOKEN.finditer(sql):
        token = found.group()
        if found.lastgroup == "quoted":
            yield _unquoted(token)
        elif found.lastgroup == "word":
            yield token.lower()
        elif found.lastgroup != "space":
            yield token


def _unquoted(token: str) -> str:
    quote = token[0]
    name = token[1:-1] if quote == "[" else token[1:-1].replace(quote * 2, quote)
    if _PLAIN.fullmatch(name):
        return name.lower()
    return '"' + name.lower().replace('"', '""') + '"'
