"""Words that the code and its documentation used to have for things that the field calls otherwise.

`python -m tests.support.words` lists where one of them is left, as file:line. A word that is also plain English is
looked for only where it names something: a class, a function, a module.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[2]

NAMES = frozenset(
    [
        "vault",
        "FileVault",
        "Vault",
        "bench",
        "Workbench",
        "workbench",
        "Desk",
        "desk",
        "_sit_down",
        "tidy",
        "Workshop",
        "workshop",
        "Outlook",
        "outlook",
        "journalist",
        "Edition",
        "edition",
        "Story",
        "story",
        "Face",
        "face",
        "Paper",
        "paper",
        "Pulse",
        "pulse",
        "Manner",
        "manner",
        "MANNERS",
        "_Court",
        "court",
        "judge",
        "turning_point",
        "take_back",
        "TakenBack",
        "TakingBack",
        "Trouble",
        "trouble",
        "Contested",
        "Held",
        "NOBODY",
        "Begun",
        "Parts",
        "World",
        "world",
        "Shelf",
        "shelf",
        "Site",
        "site",
        "tell",
        "told",
        "tells",
        "untold",
        "teller",
        "room",
        "rooms",
        "insist",
        "aside",
        "shortly",
    ]
)
"""Names that are nowhere left, whatever they name."""

FUNCTIONS = frozenset(["said", "says", "known", "same", "bare", "told"])
"""Names of functions, which are verbs with an object now."""

TEXT = re.compile(
    r"\b(desks?|vaults?|journalists?|outlooks?|workshops?|workbench(?:es)?|rooms?|turning points?|tak(?:es?|en|ing)"
    r" (?:everything |it |them |that )?back|took back|tells? (?:of|it)|told|tells|speaks? of|mend(?:s|ed)?|"
    r"nobody can say|asks? for a pause|(?<!applied )out of order)\b",
    re.IGNORECASE,
)
"""Words of the old language in documentation, docstrings, comments and messages."""

ALLOWED = re.compile(r"mended|recommend|amend", re.IGNORECASE)


def names(path: Path) -> Iterator[tuple[int, str]]:
    """(line, word) of each name in a Python file that should be another one."""
    text = path.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string in NAMES:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in FUNCTIONS:
            yield node.lineno, f"{node.name}()"


def text_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of what people read in a file: prose, or the docstrings, comments and strings of code."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in {tokenize.COMMENT, tokenize.STRING}:
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def left() -> Iterator[str]:
    """Every place in src/ and docs/ where a word of the old language is left."""
    files = [*sorted((TOP / "src").rglob("*.py")), *sorted((TOP / "docs").glob("*.md")), TOP / "README.md"]
    for path in files:
        found = list(names(path)) if path.suffix == ".py" else []
        found += [(line, match[0]) for line, text in text_of(path) for match in TEXT.finditer(text)]
        yield from (f"{path.relative_to(TOP)}:{line}: {word}" for line, word in sorted(found))


if __name__ == "__main__":
    rows = list(left())
    sys.stdout.write("".join(f"{row}\n" for row in rows))
    sys.exit(bool(rows))
