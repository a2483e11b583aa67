"""The proposal for people and for programs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shipit.output.diff import FileDiff, lines, wrapped
from shipit.output.line import Line
from shipit.output.text import clean, clean_text
from shipit.project.init.model import Change, Proposal

_MARK = "· "


def page(proposal: Proposal, width: int) -> Iterator[Line]:
    """Every file that would be written, and what is left to people."""
    for change in proposal.written:
        yield from lines(_diff(change), width)
        yield ()
    if proposal.notes:
        yield (("What is left to you", "bold"),)
        yield ()
    for note in proposal.notes:
        for number, text in enumerate(wrapped(clean_text(note), width - 2, "")):
            yield ((f"{'  ' if number else _MARK}{text}", ""),)
    if proposal.notes:
        yield ()


def as_json(proposal: Proposal) -> str:
    """One object."""
    return json.dumps(clean(_data(proposal)), ensure_ascii=False)


def _diff(change: Change) -> FileDiff:
    return FileDiff(
        path=change.path,
        state=str(change.state),
        before=change.before,
        after=change.after,
        reason=change.reason,
        reasons=tuple(change.reasons.items()),
    )


def _data(proposal: Proposal) -> Mapping[str, Any]:
    return {
        "files": [
            {
                "path": one.path,
                "state": str(one.state),
                "reason": one.reason,
                "content": one.after if one.writes else None,
                "reasons": [{"line": line, "reason": reason} for line, reason in one.reasons.items()],
            }
            for one in proposal.changes
        ],
        "notes": list(proposal.notes),
        "next": proposal.next,
    }
