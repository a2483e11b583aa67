"""What of the server's words is not passed on: values of rows, which are somebody's personal data.

Evidence goes to the audit file, the ledger, the log of CI and to chats, and who may read these need not be allowed
to read the tables. So names of objects stay, and values go; the server's own log keeps both.
"""

import re

REMARK = "values of rows are left out: PostgreSQL's own log has them"

_ABOUT_OBJECTS = re.compile(r"0[8A]|2[58B6]|3[DF]|4[02]|5[34578]")
"""The classes of errors whose DETAIL names objects, settings and sessions. All others may print a row."""
_QUOTES = "\"'«»„“”‘’「」『』"  # noqa: RUF001 - of the languages that the server speaks
_QUOTED = re.compile(f"[{_QUOTES}].*[{_QUOTES}]", re.DOTALL)
_AFTER_COLON = re.compile(r"([:：]).*", re.DOTALL)  # noqa: RUF001 - as Chinese and Japanese messages have it
# of the places in a CONTEXT those that show no text of a statement and no line of data
_FRAME = re.compile(
    rf'[^{_QUOTES}]*PL/pgSQL[^{_QUOTES}]*|SQL function "\w+" (?:statement \d+|during \w+)'
    r'|while [a-z ]+ tuple \(\d+,\d+\) in relation "\w+"'
)
_OF_TABLE = re.compile(r'(COPY [^"]*"[^"]*").*')


def message(text: str, code: str) -> str:
    """Errors about data (class 22) quote it: `invalid input syntax for type integer: "…"`."""
    return data_message(text) if code.startswith("22") else text


def data_message(text: str) -> str:
    return _AFTER_COLON.sub(r"\1 …", _QUOTED.sub("…", text))


def detail(text: str | None, code: str) -> str:
    """Empty where it may be a row."""
    return text if text and _ABOUT_OBJECTS.match(code) else ""


def context(text: str | None) -> str:
    """The functions and lines that were on the way to the error."""
    return "\n".join(line for line in (text or "").splitlines() if _FRAME.fullmatch(line))


def of_restore(said: str) -> list[str]:
    """The lines of pg_restore itself, without those of the server that it repeats."""
    return [_OF_TABLE.sub(r"\1", line) for line in said.splitlines() if line.startswith("pg_restore:")]
