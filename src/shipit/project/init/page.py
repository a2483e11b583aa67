"""The proposal for people and for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shipit.output.diff import FileDiff, counted, lines, noted
from shipit.output.line import Line
from shipit.output.text import clean
from shipit.project.init.model import Change, Proposal


def page(proposal: Proposal, width: int | None) -> Iterator[Line]:
    """Every file that would be written, all of them in a few lines, and what is left to people."""
    diffs = [_diff(change) for change in proposal.written]
    sections = [lines(diff, width) for diff in diffs]
    if len(diffs) > 1:
        sections.append(_listed(f"All {len(diffs)} files", map(counted, diffs), width))
    if proposal.notes:
        sections.append(_listed("What is left to you", proposal.notes, width))
    for number, section in enumerate(sections):
        if number:
            yield ()
        yield from section


def _listed(title: str, texts: Iterable[str], width: int | None) -> Iterator[Line]:
    yield ((title, "bold"),)
    yield ()
    yield from (((line, ""),) for text in texts for line in noted(text, width))


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
