"""`--upload`: the files of SARIF go to GitHub's code scanning, and are waited for until they are processed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit.errors import ExternalError, Refused, Stop, Unavailable
from shipit.gates.ports import CodeScanning
from shipit.gates.sarif import SarifOutput, Written
from shipit.output.text import count, one_line
from shipit.scans.judging import Judged
from shipit.scans.policy import Policy
from shipit.scans.publication import Upload
from shipit.scans.sarif.files import Part, parts
from shipit.scans.sarif.limits import Limits

PAUSES = (1.0, 2.0, 3.0, 4.0, *(10.0,) * 11)
"""Seconds before each look at what is pending: two minutes for all files together."""
_MOST = 20
"""Errors of GitHub that are shown."""
_ONE_RUN = Limits(runs=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the findings are for: a commit on a ref, checked out at `checkout_uri` since before `started_at`."""

    commit: str
    ref: str
    checkout_uri: str
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of an upload: `state` is complete, none, failed, or not uploaded."""

    state: str
    said: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    failure: Stop | None = None

    def lines(self) -> Sequence[str]:
        return self.said

    def facts(self) -> Mapping[str, str]:
        """`upload` is the state, `sarif-ids` are GitHub's ids of the uploads, each a line."""
        return {"upload": self.state, "sarif-ids": "\n".join(self.ids)}


@dataclass(slots=True, kw_only=True)
class SarifUpload:
    """Writes the files of SARIF, then uploads them: plays gates.ports.Output, and after that Publisher."""

    sarif: SarifOutput
    scanning: CodeScanning
    target: Target
    pause: Callable[[float], None]
    _written: Written | None = field(default=None, init=False)

    def keep(self, policy: Policy, judged: Sequence[Judged]) -> Written:
        self._written = self.sarif.keep(policy, judged)
        return self._written

    def publish(self, policy: Policy, judged: Sequence[Judged]) -> Uploaded:
        """Upload what was written; never raises what goes wrong outside."""
        written = self._written or self.keep(policy, judged)
        useful = [part for part in written.parts if part.runs and all(run.looked for run in part.runs)]
        if not useful:
            why = "not uploaded: no scan has looked, and GitHub would refuse the file"
            return Uploaded(state="none", said=(why,))
        ids: list[str] = []
        try:
            for part in useful:
                for number, why in self._sent(part, part.path(written.path)):
                    if why:
                        said = f"not uploaded: {one_line(why)}; what was found is in {part.path(written.path)}"
                        return Uploaded(state="not-uploaded", said=(said,), ids=tuple(ids))
                    ids.append(number)
            self._wait(ids)
        except (ExternalError, Refused) as error:
            return Uploaded(state="failed", said=(f"upload failed: {error.what}",), ids=tuple(ids), failure=error)
        return Uploaded(state="complete", said=tuple(self._summary(written, useful, ids)), ids=tuple(ids))

    def _summary(self, written: Written, useful: Sequence[Part], ids: Sequence[str]) -> Iterator[str]:
        names = ", ".join(str(part.path(written.path)) for part in useful)
        commit = self.target.commit[:12]
        yield f"uploaded {names} for {commit} on {self.target.ref}: {count(len(ids), 'upload')} processed"
        for part in written.parts:
            if part.runs and part not in useful:
                yield f"  not {part.path(written.path)}: GitHub refuses results of scans that could not look"

    def _sent(self, part: Part, path: Path) -> Iterator[tuple[str, str]]:
        """The id of each upload of a file, or why there is none; a file that is too large goes run by run."""
        receipt = self.scanning.send(self._upload(part))
        if not receipt.is_too_large:
            yield receipt.id, receipt.declined
            return
        if len(part.runs) == 1:
            raise Refused(
                f"GitHub takes no file as large as {path.name}",
                where=part.runs[0].automation_details.id,
                evidence=[f"{path}: {len(part.data)} bytes before gzip → 413"],
                hint="see what this scan finds so much of; the file is complete, and can be kept as an artifact",
            )
        for smaller in parts(part.runs, _ONE_RUN):
            yield from self._sent(smaller, path)

    def _upload(self, part: Part) -> Upload:
        target = self.target
        return Upload(
            commit=target.commit,
            ref=target.ref,
            data=part.data,
            checkout_uri=target.checkout_uri,
            started_at=target.started_at,
        )

    def _wait(self, ids: Sequence[str]) -> None:
        """Return once all are complete; raises Refused where GitHub failed, Unavailable after two minutes."""
        waiting, pauses = list(ids), iter(PAUSES)
        while waiting:
            pause = next(pauses, None)
            if pause is None:
                raise Unavailable(
                    f"GitHub has not processed {count(len(waiting), 'upload')} after {sum(PAUSES):.0f} s",
                    evidence=[f"pending: {', '.join(waiting)}"],
                    hint="look at the code scanning page later, or run the same command again",
                )
            self.pause(pause)
            waiting = [number for number in waiting if not self._is_complete(number)]

    def _is_complete(self, number: str) -> bool:
        found = self.scanning.processing(number)
        if found.state == "failed":
            raise Refused(
                "GitHub could not process the SARIF that was uploaded",
                evidence=[f"upload {number}: failed", *map(one_line, found.errors[:_MOST])],
                hint="the errors are GitHub's own; the code scanning page of the repository may say more",
            )
        return found.state == "complete"
