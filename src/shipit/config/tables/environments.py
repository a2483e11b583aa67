"""[tool.shipit.environments.NAME]: the places where the product runs."""

from typing import Annotated, Literal

from msgspec import Meta, field

from shipit.config.tables.deployments import Smoke, TargetOptions
from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, Name, spell_paths, text

DatabaseUrl = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*"
        r"|sqlite:////?[^/?#\x00-\x20:][^?#\x00-\x1f]*"
        r"|postgres(?:ql)?://(?!.*[?&](?:ssl)?password=)(?:[^\s:/@?#]+@)?[^\s@/?#][^\s@]*",
        "env:NAME, file:PATH or command:ARGV (where the address is), sqlite:///RELATIVE, sqlite:////ABSOLUTE, "
        "or postgresql://USER@HOST/DATABASE without a password",
        secret=True,
    ),
]
ImageTag = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9_]|\{environment\})(?:[A-Za-z0-9_.-]|\{environment\}){0,127}",
        "a tag of letters, digits, `_`, `.` and `-`, with {environment} or without",
    ),
]
Seconds = Annotated[float, Meta(ge=0)]


class BackupOptions(Section, frozen=True):
    """The backups that are taken before a run that has something to apply."""

    enabled: Annotated[bool, Meta(description="false: no backup is taken")] = True
    path: Annotated[
        str | None,
        Meta(
            description="folder for backups, relative to the top, a folder in it for each environment; "
            ".git/shipit/backups if left out"
        ),
    ] = None
    keep: Annotated[int, Meta(ge=1, description="how many backups of the environment are kept in the folder")] = 5
    store: Annotated[
        Command | None,
        Meta(
            description="command that takes the backup to another machine; {file} is filled in. It must end with 0"
        ),
    ] = None

    def __post_init__(self) -> None:
        spell_paths(self, "path")


class DatabaseOptions(Section, frozen=True):
    """The database of an environment, and how a run behaves there."""

    url: Annotated[
        DatabaseUrl,
        Meta(description="its address, or where that is: sqlite:///relative.db, sqlite:////absolute.db, env:NAME"),
    ]
    on_failure: Annotated[
        Literal["stop", "down"],
        Meta(
            description="what becomes of committed migrations when a later one of the run fails: stop there, or "
            "down: by the down scripts, where that is proved to lose nothing"
        ),
    ] = "stop"
    restore: Annotated[
        bool | None,
        Meta(
            description="restore the backup automatically if down scripts are no way back and nobody else wrote "
            'since; left out: where on-failure = "down", but not in production'
        ),
    ] = None
    backup: BackupOptions = BackupOptions()
    confirm: Annotated[bool, Meta(description="ask on a terminal before a migration runs")] = True
    lock_wait: Annotated[Seconds, Meta(description="seconds to wait for another run to end, then exit 9")] = 300
    lock_timeout: Annotated[
        int, Meta(ge=1, description="milliseconds that a statement waits for a lock before it lets others go first")
    ] = 200
    lock_patience: Annotated[
        Seconds, Meta(description="seconds in which a statement is tried again for its locks")
    ] = 60
    statement_timeout: Annotated[Seconds, Meta(description="seconds that a statement may take; 0: any")] = 0


class Environment(Section, frozen=True):
    """One place where the product runs."""

    from_: Annotated[
        str | None,
        Meta(description="what is deployed there: a branch of the remote, or `tags` for the highest release"),
    ] = field(default=None, name="from")
    publish: Annotated[
        bool, Meta(description="from = tags: end in forge release and package index, if the release has not")
    ] = False
    wait_for_checks: Annotated[
        bool,
        Meta(description="protection.required-checks must be green on the commit on the forge; waits for them"),
    ] = False
    checks_timeout: Annotated[int, Meta(gt=0, description="minutes in which they must be green")] = 30
    gates: Annotated[
        tuple[str, ...],
        Meta(
            description="gates that must pass on the commit before it is deployed, by name; `security`: the scans"
        ),
    ] = ()
    image_tag: Annotated[
        ImageTag,
        Meta(
            description="tag that follows the images deployed there, once they answer; {environment} is filled in"
        ),
    ] = "{environment}-latest"
    images_timeout: Annotated[
        int,
        Meta(
            ge=0,
            description="minutes in which the registry must have the images, on a runner of CI: the workflow that "
            "builds them may still be at work; elsewhere what is missing is refused at once",
        ),
    ] = 15
    promote_from: Annotated[
        Name | None,
        Meta(
            description="another environment: its images of this very commit, which it has deployed, get the "
            "version tag and are deployed here, instead of others built from the tag"
        ),
    ] = None
    lock_expiry: Annotated[
        int, Meta(gt=0, description="minutes after which the lock of a deployment that is silent may be taken over")
    ] = 60
    smoke: Smoke = Smoke()
    targets: Annotated[
        dict[Name, TargetOptions], Meta(description="the parts of the product that run there, by name")
    ] = field(default_factory=dict[str, TargetOptions])
    database: DatabaseOptions | None = None
