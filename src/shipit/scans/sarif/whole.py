"""All scans as runs of SARIF: what shipit itself found out, and what CodeQL's report says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.scans.judging import Judged
from shipit.scans.sarif.log import Run
from shipit.scans.sarif.normalising import Origin, normalised
from shipit.scans.sarif.runs import Context, invocation, marked_findings, runs_of


class Reports(Struct, frozen=True):
    """SARIF that scans have read, by the name of the scan; `tops` are the folders that its paths may be below."""

    texts: Mapping[str, Sequence[bytes]]
    tops: tuple[str, ...]


def all_runs(judged: Iterable[Judged], context: Context, reports: Reports) -> Iterator[Run]:
    """The runs of all scans, in their order; a scan whose own report can be read is shown by that."""
    for one in judged:
        texts = reports.texts.get(one.scan, ()) if one.counts else ()
        yield from _of_reports(one, context, reports, texts) or runs_of(one, context)


def _of_reports(one: Judged, context: Context, reports: Reports, texts: Sequence[bytes]) -> tuple[Run, ...]:
    """Nothing where a report cannot be read: then the scan has said so."""
    marked = marked_findings(one, context.baseline)
    origin = Origin(
        scan=one.scan,
        sources=context.sources,
        tops=reports.tops,
        suppressed={(finding.rule, finding.path, max(finding.line, 1)): why for finding, why in marked if why},
        invocation=invocation(one),
    )
    try:
        return tuple(run for text in texts for run in normalised(text, origin))
    except ValueError:
        return ()
