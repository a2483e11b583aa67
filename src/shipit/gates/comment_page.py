"""What a run of the scans says in a comment: verdict, scans, waivers, and the gravest findings, as Markdown."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from shipit import masking
from shipit.gates import scan_words as words
from shipit.output.text import clean_text, count, one_line
from shipit.scans.judging import Judged, overall, waiver_states
from shipit.scans.model import Finding
from shipit.scans.policy import Policy
from shipit.scans.verdict import Verdict

LIMIT = 65_000
"""Characters; GitHub takes 65,536 of a comment, the marks at its top included."""
_RESERVED = 200
_CELL = 200
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_WAIVERS = 20_000
"""Characters for the table of waivers."""
_HEAD = "| | scan | verdict | seen | findings |\n|:--|:--|:--|:--|:--|"
_VERDICTS = {
    Verdict.CLEAN: "✅ **Security scans: passed**",
    Verdict.FINDINGS: "❌ **Security scans: findings**",
    Verdict.INCONCLUSIVE: "❌ **Security scans: not all could look**",
    Verdict.NOT_RUN: "❌ **Security scans: not all were run**",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where links lead: `repository` is the address of its page, `run` that of this run; either may be empty."""

    repository: str = ""
    commit: str = ""
    run: str = ""

    def line(self, finding: Finding) -> str:
        """The address of a line at this commit; empty where it is not known."""
        if not (self.repository and self.commit and finding.path):
            return ""
        path = masking.mask(quote(finding.path, errors="replace"))
        place = f"{self.repository}/blob/{self.commit}/{path}"
        return f"{place}#L{finding.line}" if finding.line else place


def comment(policy: Policy, judged: Sequence[Judged], links: Links) -> str:
    """The text of a comment, with fewer findings where it would be longer than GitHub takes."""
    blocks = [
        "\n".join(_top(judged, links)),
        "\n".join([_HEAD, *map(_row, judged)]),
        "\n".join(_reasons(judged)),
        "\n".join(_waivers(policy, judged)),
    ]
    text = "\n\n".join(filter(None, blocks))
    found = sorted(
        ((one.scan, finding) for one in judged for finding in one.findings.counting),
        key=lambda pair: -pair[1].severity.rank,
    )
    return "\n\n".join(filter(None, (text, _within(found, links, LIMIT - len(text)))))


def _top(judged: Sequence[Judged], links: Links) -> Iterator[str]:
    yield _VERDICTS[overall(judged)]
    counting = sum(len(one.findings.counting) for one in judged)
    known = sum(len(one.findings.known) for one in judged)
    yield f"{count(counting, 'new finding')}, {known} in the baseline.  "
    at = f"Commit {_code(links.commit[:12])}" if links.commit else ""
    run = f'<a href="{html.escape(links.run)}">this run</a>' if links.run else ""
    yield ", ".join(filter(None, (at, run)))


def _row(one: Judged) -> str:
    findings = [words.by_severity(one.findings.counting), *words.besides(one)]
    found = ", ".join(filter(None, findings)) or ("none" if one.answer.sighting else "")
    cells = (words.mark(one), one.scan, words.verdict(one), words.seen(one), found)
    return f"| {' | '.join(map(_plain, cells))} |"


def _reasons(judged: Sequence[Judged]) -> Iterator[str]:
    """Why scans have not looked."""
    for one in judged:
        if one.reason:
            yield f"- {_plain(one.scan)}: {_code(one.reason)}"


def _waivers(policy: Policy, judged: Sequence[Judged]) -> Iterator[str]:
    states, left = waiver_states(policy, judged), _WAIVERS
    if states:
        yield "| waiver | for | until | | reason |\n|:--|:--|:--|:--|:--|"
    for number, (waiver, state) in enumerate(states):
        about = f"{waiver.scan} {waiver.finding}".rstrip()
        row = f"| {_code(waiver.name)} | {_code(about)} | {waiver.until} | {state} | {_code(waiver.reason)} |"
        left -= len(row)
        if left < 0:
            yield f"\n… and {count(len(states) - number, 'waiver')} more, all of them in the report"
            break
        yield row


def _within(found: Sequence[tuple[str, Finding]], links: Links, left: int) -> str:
    """The findings that fit into so many characters, the first first, and how many do not."""
    lines: list[str] = []
    for scan, finding in found:
        line = _line(scan, finding, links)
        left -= len(line) + 1
        if left < _RESERVED:
            lines.append(f"\n… and {count(len(found) - len(lines), 'finding')} more, all of them in the report")
            break
        lines.append(line)
    return "\n".join(lines)


def _line(scan: str, finding: Finding, links: Links) -> str:
    place, address = _code(words.place(finding)), links.line(finding)
    linked = f'<a href="{html.escape(address)}">{place}</a>' if address else place
    return f"- **{finding.severity}** {linked} {_plain(scan)} {_code(finding.rule)} {_code(finding.title)}"


def _code(text: str) -> str:
    """One line that GitHub shows as it is: in code nobody is mentioned and no number becomes a link."""
    return f"<code>{_plain(text)}</code>" if text.strip() else ""


def _plain(text: str) -> str:
    text = one_line(clean_text(text))
    text = text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
    # GitHub looks for names and addresses in what it shows, after `&#64;` has become `@`
    return _PUNCTUATION.sub(lambda one: f"&#{ord(one[0])};", text).replace("&#64;", "&#64;&#8203;")
