"""What each commit comes to, as data: for --json, and for the table behind `version --why`."""

from collections.abc import Iterable

from msgspec import Struct

from shipit.versioning.changes import Verdict


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
