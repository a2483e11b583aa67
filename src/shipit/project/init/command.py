"""shipit init: show what is proposed, and write it once a person says yes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from shipit.config.sources import Documents
from shipit.errors import LiveDiffers, Refused
from shipit.output.reporter import Declined
from shipit.output.text import count
from shipit.project.init.model import Ask, Change, Proposal, State
from shipit.project.init.ports import Repository
from shipit.project.init.proposal import EDITED, propose

Facts = Mapping[str, Any]


class Job(Struct, frozen=True, kw_only=True):
    """What is looked at, who is asked (None: nobody), and where the proposal is shown and a sentence is said."""

    top: Path
    documents: Documents
    repository: Repository
    ask: Ask | None
    show: Callable[[Proposal], None]
    say: Callable[[str], None]

    @property
    def proposal(self) -> Proposal:
        """What nobody answers is answered as usual."""
        return propose(self.top, self.documents, self.repository, self.ask or (lambda _, usual: usual))


def init(job: Job, *, yes: bool) -> None:
    """Write what is proposed; without anybody who could say yes it is only shown."""
    proposal = job.proposal
    written = proposal.written
    job.show(proposal)
    if not written:
        job.say(f"nothing to write: {_unchanged(proposal)}{_hint(proposal)}")
        return
    files, them = count(len(written), "file"), "them" if len(written) > 1 else "it"
    if not yes and job.ask is None:
        job.say(f"nothing was written; `shipit init --yes` writes {files}")
        return
    if not yes and job.ask and not job.ask(f"Write {files}?", False):
        raise Declined
    for change in written:
        _write(change, job.repository)
    look = f"look at {them} with `git status` and `git diff`, and commit {them}"
    job.say(f"{files} written; {look}{_hint(proposal)}")


def check(job: Job) -> None:
    """Raise LiveDiffers if a file is not as init would write it; files of others are left to them."""
    proposal = job.proposal
    job.show(proposal)
    stale = [one for one in proposal.changes if one.writes or one.state is State.EDITED]
    if stale:
        raise LiveDiffers(
            f"{count(len(stale), 'file')} {'are' if len(stale) > 1 else 'is'} not as the configuration asks for",
            evidence=[f"{one.path}: {_WORDS[one.state]}" for one in stale],
            hint=_WRITES if proposal.written else EDITED,
        )
    job.say(_unchanged(proposal))


def _unchanged(proposal: Proposal) -> str:
    """Of a proposal that writes nothing."""
    has_others = any(one.state in {State.EDITED, State.FOREIGN} for one in proposal.changes)
    which = "everything but what is left to you" if has_others else "everything"
    return f"{which} is as shipit init writes it"


def _hint(proposal: Proposal) -> str:
    """What comes next, below an empty line."""
    return f"\n\nhint: {proposal.next} shows the next release"


_WRITES = "shipit init shows the difference, and writes it"
_WORDS = {
    State.NEW: "missing",
    State.CHANGED: "out of date",
    State.REMOVED: "of no use any more",
    State.EDITED: "changed by hand",
}


def _write(change: Change, repository: Repository) -> None:
    """Write one file, unless somebody else has meanwhile."""
    if (repository.text(change.path) or "") != change.before or (
        change.state is State.NEW and repository.is_there(change.path)
    ):
        raise Refused(f"{change.path} was changed meanwhile", hint="run shipit init again")
    if change.state is State.REMOVED:
        repository.remove(change.path)
    else:
        repository.write(change.path, change.after)
