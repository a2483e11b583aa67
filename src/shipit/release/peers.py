"""What to say where another tool, configured in this repository, would release something else."""

from shipit.config import sources
from shipit.config.peers import peers
from shipit.release.run import ReleaseRun
from shipit.release.texts import reader
from shipit.versioning.decision import Decision
from shipit.versioning.floor import readable
from shipit.versioning.occurrences import last_version, silent
from shipit.versioning.peers import Asked, differences, first


def remarks(run: ReleaseRun, decision: Decision) -> list[str]:
    """Each as one line with the key that settles it, and each mention in which nothing will be renewed."""
    outside, seen = run.outside, run.seen
    policy, read = outside.config.version, reader(outside.objects, seen.base)
    in_files = readable(policy.files, read)
    last = last_version(in_files.values(), decision.previous, policy, decision.version or "")
    idle = silent(policy.mentions, read, last) if decision.version else ()
    said = [f"{one}: {last} does not stand there; correct version.mentions" for one in idle]
    found = peers(outside.top) if sources.may_have_peers(outside.top) else None
    if found is None:
        return said
    said += found.not_taken()
    if not outside.project.package:
        auto = run.options.kind == "auto" and run.options.exact is None
        asked = Asked(decision=decision, branch=seen.base_branch, auto=auto, in_files=lambda: first(in_files))
        said += differences(found, asked)
    return list(dict.fromkeys(said))
