"""The table behind `version --why`."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from shipit.versioning.changes import Verdict

_HEADINGS = ("commit", "effect", "subject", "why")
_SUBJECT_WIDTH = 60


class Row(Struct, frozen=True):
    """One commit, or one part of a squashed one, and what it comes to; `effect` is major, minor, patch or none."""

    sha: str
    subject: str
    type: str
    scope: str
    breaking: bool
    effect: str
    why: str


def rows(verdicts: Iterable[Verdict]) -> tuple[Row, ...]:
    """The verdicts as data, in their order."""
    return tuple(_row(verdict) for verdict in verdicts)


def table(found: Sequence[Row]) -> str:
    """Plain text in columns; the last line has no line end."""
    lines = [_HEADINGS, *((row.sha[:7], row.effect, _short(row.subject), row.why) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _row(verdict: Verdict) -> Row:
    unit, message = verdict.unit, verdict.unit.message
    return Row(
        sha=unit.commit.sha,
        subject=unit.text.partition("\n")[0] if unit.part else unit.commit.subject,
        type=message.type,
        scope=message.scope,
        breaking=bool(message.breaking),
        effect=verdict.level.word,
        why=verdict.why,
    )


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= _SUBJECT_WIDTH else f"{clean[: _SUBJECT_WIDTH - 1]}…"
