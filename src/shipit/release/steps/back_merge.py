"""The step that brings a release back into develop, or asks a person to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, done
from shipit.errors import Denied
from shipit.model import RefUpdate
from shipit.release.model import Release
from shipit.release.ports import Objects, PullRequests, Remote
from shipit.release.refs import back_merge_branch, bring, contains

WAITING = "waits for a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackMerge:
    """Develop contains the release; where that needs a person, a branch and a pull request wait for one."""

    remote: Remote
    objects: Objects
    pull_requests: PullRequests | None
    release: Release
    develop: str
    back_merge: Callable[[str], str | None]
    name: str = "back-merge"

    @property
    def branch(self) -> str:
        return back_merge_branch(self.release.tag)

    @property
    def summary(self) -> str:
        return f"Merge {self.release.tag} back into {self.develop}"

    def look(self) -> Look:
        refs = self.remote.refs()
        tip = refs.get(f"refs/heads/{self.develop}")
        if tip and contains(self.remote, self.objects, self.develop, tip, self.release.tagged_commit):
            return done(f"{self.develop} contains {self.release.tag}")
        if f"refs/heads/{self.branch}" in refs and self._asked():
            return done(f"{self.branch} {WAITING}")
        return absent()

    def argv(self) -> Sequence[str]:
        return self.remote.push_argv(RefUpdate(f"refs/heads/{self.develop}", "<merge>", "<before>"))

    def run(self, say: Say) -> None:
        ref = f"refs/heads/{self.develop}"
        tip = bring(self.remote, self.objects, ref, self.remote.refs()[ref])
        merged = self.back_merge(tip)
        if merged:
            try:
                return self.remote.push(RefUpdate(ref, merged, tip))
            except Denied as why:
                say(f"{self.develop} takes no push: {why.what}")
        return self._ask_a_person(say)

    def _ask_a_person(self, say: Say) -> None:
        release = self.release
        if f"refs/heads/{self.branch}" not in self.remote.refs():
            self.remote.push(RefUpdate(f"refs/heads/{self.branch}", release.tagged_commit, None))
        if self.pull_requests and not self._asked():
            title = f"Merge {release.tag} back into {self.develop}"
            body = f"{release.tag} is released; {self.develop} does not contain it yet.\n"
            say(self.pull_requests.open_pull_request(self.branch, self.develop, title, body).url)

    def _asked(self) -> bool:
        return self.pull_requests is None or self.pull_requests.pull_request(self.branch, self.develop) is not None
