"""How tools differ from the standard in the SARIF that they write, as measured with the versions of the tests."""

from typing import Literal

from msgspec import Struct

Columns = Literal["bytes", "characters", "utf-16"]


class Quirks(Struct, frozen=True, kw_only=True):
    """What one tool does: the standard's own ways are the defaults.

    `encodes`: its paths are percent-encoded; `columns` what a column counts, `first` the number of the
    first one, `past_end` whether the end is the column after the last. `is_security`: all its rules are.
    `home` is its address, for one that does not write it.
    """

    encodes: bool = True
    columns: Columns = "utf-16"
    first: int = 1
    past_end: bool = True
    is_security: bool = False
    home: str = ""


_TOOLS = {
    "bandit": Quirks(columns="bytes", is_security=True, home="https://bandit.readthedocs.io/"),
    "codeql": Quirks(),
    "hadolint": Quirks(encodes=False, columns="characters", home="https://github.com/hadolint/hadolint"),
    "kingfisher": Quirks(encodes=False, columns="bytes", first=0, past_end=False, is_security=True),
    "ruff": Quirks(columns="characters"),
    "semgrep": Quirks(encodes=False, columns="bytes", is_security=True, home="https://semgrep.dev/docs/"),
    "zizmor": Quirks(encodes=False, columns="bytes", is_security=True),
}


def quirks_of(tool: str) -> Quirks:
    """The ways of a tool, by the first word of its name (`Semgrep OSS`); those of the standard for any other."""
    return _TOOLS.get(tool.casefold().partition(" ")[0], Quirks())


def column(value: int, line: str, quirks: Quirks) -> int:
    """A column, from 1 and in UTF-16 code units as GitHub takes it; beyond the end of the line stays beyond."""
    before = value - quirks.first
    if quirks.columns == "bytes":
        data = line.encode("utf-8", "surrogatepass")
        beyond, text = max(before - len(data), 0), data[:before].decode("utf-8", "ignore")
    elif quirks.columns == "characters":
        beyond, text = max(before - len(line), 0), line[:before]
    else:
        return before + 1
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + beyond + 1
