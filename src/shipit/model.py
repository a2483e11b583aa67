"""Frozen values that several slices and adapters share."""

from collections.abc import Mapping

from msgspec import Struct

ATTESTATION = ".publish.attestation"
"""What is added to a file's name for its attestation (PEP 740)."""


class Identity(Struct, frozen=True):
    """Who signs commits and tags."""

    name: str
    email: str


class Actor(Struct, frozen=True):
    """Who runs shipit: `url` is the page of the CI run, empty elsewhere."""

    user: str
    host: str
    process: int
    url: str = ""

    def __str__(self) -> str:
        return f"{self.user} on {self.place}"

    @property
    def place(self) -> str:
        """Where it runs, for people."""
        return f"{self.host}, process {self.process}{f', {self.url}' if self.url else ''}"


class Commit(Struct, frozen=True):
    """One commit of the history.

    `time` is the committer time in seconds since the epoch; `parents` and `sha` are full hexadecimal ids;
    `message` is the whole message with LF line ends.
    """

    sha: str
    message: str
    parents: tuple[str, ...] = ()
    author: Identity = Identity("", "")
    time: int = 0

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]


class Divergence(Struct, frozen=True, kw_only=True):
    """How many commits a branch here lacks (`behind`) and has more (`ahead`) than on a remote."""

    branch: str
    remote: str
    ahead: int
    behind: int

    def __str__(self) -> str:
        behind = f"{_commits(self.behind)} behind" if self.behind else ""
        ahead = f"{self.ahead if behind else _commits(self.ahead)} ahead of" if self.ahead else ""
        return f"{self.branch} here is {' and '.join(part for part in (behind, ahead) if part)} {self.remote}"

    @property
    def command(self) -> str:
        """What brings both to the same commit."""
        if self.ahead and self.behind:
            return "git pull --rebase"
        return "git pull --ff-only" if self.behind else f"git push {self.remote} {self.branch}"


class Tag(Struct, frozen=True):
    """A tag that names a version: `commit` is what it finally points to."""

    name: str
    commit: str


class Change(Struct, frozen=True):
    """One entry of the notes: what a commit, or one part of a squashed commit, changed.

    `type` is lower case ("" for none); `breaking` holds the texts for people who must act, one at least if the
    change is breaking; `pull_request` looks like `#12` or `!12`; `issues`, which it closes, and `references` like
    `#12` or `owner/name#12`; `time` as in Commit.
    """

    sha: str
    type: str
    scope: str
    description: str
    breaking: tuple[str, ...] = ()
    pull_request: str = ""
    issues: tuple[str, ...] = ()
    author: Identity = Identity("", "")
    co_authors: tuple[Identity, ...] = ()
    time: int = 0
    references: tuple[str, ...] = ()


class Artifact(Struct, frozen=True):
    """A file of the release: `size` in bytes, `sha256` hexadecimal."""

    name: str
    size: int
    sha256: str


class RefUpdate(Struct, frozen=True):
    """One ref of an atomic push: `new` None deletes; `expected` None means it must not exist yet."""

    ref: str
    new: str | None
    expected: str | None


class Merge(Struct, frozen=True):
    """The outcome of a three-way merge: a tree, or the paths that a person must decide."""

    tree: str | None
    conflicts: tuple[str, ...] = ()


class ForgeRelease(Struct, frozen=True, kw_only=True):
    """A release as the forge shows it; `assets` maps file names to their sha256 (None when not known)."""

    id: int
    tag: str
    title: str
    body: str
    draft: bool
    prerelease: bool
    url: str
    assets: Mapping[str, str | None]


class CheckResult(Struct, frozen=True, kw_only=True):
    """What a check of a commit says on a forge: `outcome` is the forge's own word, such as success or skipped."""

    name: str
    outcome: str
    is_over: bool
    url: str


class ForgeDeployment(Struct, frozen=True, kw_only=True):
    """A deployment in a forge's list: `run` is that of the ledger, `state` its last status, empty without one."""

    number: int
    run: str
    state: str = ""


class NewDeployment(Struct, frozen=True, kw_only=True):
    """What a forge is to list; `task` is deploy or rollback, `description` has at most 140 characters."""

    run: str
    environment: str
    revision: "Revision"
    task: str
    description: str
    is_production: bool


class DeploymentStatus(Struct, frozen=True, kw_only=True):
    """What becomes of one: in_progress, success, failure, error or inactive; empty addresses are left out."""

    state: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""


class PullRequest(Struct, frozen=True, kw_only=True):
    """A pull request; `merge_commit` is set once `merged`; state is open or closed."""

    number: int
    url: str
    state: str
    merged: bool
    merge_commit: str | None
    head_sha: str


class Revision(Struct, frozen=True):
    """A commit with the version that its version files say; on a development branch many commits say the same."""

    version: str
    commit: str

    @property
    def reference(self) -> str:
        """The name under which a target of this machine keeps it; no two commits share one."""
        return f"{self.version}-{self.commit[:12]}"

    def fill(self, text: str) -> str:
        """The text with {version} and {commit} in it replaced."""
        return text.replace("{version}", self.version).replace("{commit}", self.commit)

    def __str__(self) -> str:
        return f"{self.version} ({self.commit[:10]})"


class Candidate(Struct, frozen=True):
    """What was started beside what is live; `address` is host:port of its own, empty where it has none."""

    reference: str
    address: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """An answer over HTTP, or why there was none (`error`); `location` is where a redirect leads."""

    url: str
    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""
    error: str = ""

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


class Notice(Struct, frozen=True, kw_only=True):
    """The end of a run: `title` and `body` for people, `facts` for programs (what JSON can hold)."""

    title: str
    body: str
    failed: bool
    facts: Mapping[str, object]


def _commits(number: int) -> str:
    return f"{number} commit{'s' if number != 1 else ''}"
