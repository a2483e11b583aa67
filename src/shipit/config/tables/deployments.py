"""[tool.shipit.environments.NAME]: what runs there, and how it is found out that it does."""

from typing import Annotated, Literal

from msgspec import Meta, field

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath, Name, Secret, Url, spell_paths, text

Address = Annotated[str, text(r"[A-Za-z0-9.-]+:[0-9]{1,5}", "host:port")]
SmokeUrl = Annotated[
    str, text(r"https?://[^\s/@]+(/[^\s@]*)?", "an http or https address without user and password")
]
HookUrl = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*|https://[^\s/@]+(/[^\s@]*)?",
        "env:NAME, file:PATH or command:ARGV (where the address is), or an https address without user and password",
        secret=True,
    ),
]
VercelName = Annotated[str, text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "an id, a name or a slug of Vercel")]
Status = Annotated[int, Meta(ge=100, le=599)]


class SmokeCheck(Section, frozen=True):
    """One question to the public address, and the answer that counts."""

    get: Annotated[SmokeUrl, Meta(description="address to ask")]
    status: Annotated[Status, Meta(description="status that the answer must have")] = 200
    json: Annotated[
        dict[str, str],
        Meta(
            description="keys of the JSON answer and their values; {version} and {commit} are filled in, "
            "`a.b` is a key in a key"
        ),
    ] = field(default_factory=dict[str, str])


class Smoke(Section, frozen=True):
    """How it is found out that the new version is what answers."""

    checks: Annotated[
        tuple[SmokeCheck, ...], Meta(description="asked in turns, at the candidate's own address and then here")
    ] = ()
    control: Annotated[
        Url | None, Meta(description="address that must not answer 200: else the checks cannot fail")
    ] = None
    run: Annotated[Command | None, Meta(description="command for critical paths; it must end with 0")] = None
    answers: Annotated[int, Meta(ge=1, description="right answers in a row that each check needs")] = 3
    timeout: Annotated[int, Meta(gt=0, description="seconds in which they must come")] = 120


class TargetOptions(Section, frozen=True):
    """One part of the product in an environment."""

    kind: Annotated[
        Literal["directory", "process", "command", "webhook", "vercel"],
        Meta(
            description="directory: files behind a symlink; process: a service that shipit keeps running; command: "
            "the project's own command deploys; webhook: a POST that a platform takes as its order to deploy; "
            "vercel: a frontend there, staged and then promoted"
        ),
    ]
    path: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="directory, process: folder for its versions, relative to the repository's top; required"),
    ] = None
    role: Annotated[
        Literal["frontend", "backend"] | None,
        Meta(description="frontends come first, backends follow; left out: what NAME says"),
    ] = None
    keep: Annotated[
        int, Meta(ge=1, description="directory, process, vercel: how many former versions are kept to go back to")
    ] = 5
    source: Annotated[
        InsidePath | None, Meta(description="directory, vercel: the folder of the repository that is published")
    ] = None
    run: Annotated[
        Command | None,
        Meta(description="process: what is started, from the environment of the wheel; {port} is its own"),
    ] = None
    address: Annotated[Address | None, Meta(description="process: where it answers, whichever version is live")] = (
        None
    )
    variables: Annotated[
        dict[str, str],
        Meta(
            description="process, command: variables of its environment; env:NAME, file:PATH and command:ARGV are "
            "resolved, {version}, {commit} and, for a process, {path} (the target's folder) are filled in"
        ),
    ] = field(default_factory=dict[str, str])
    image: Annotated[
        Name | None, Meta(description="command, webhook: NAME of the image that is deployed, by its digest")
    ] = None
    deploy: Annotated[
        Command | None,
        Meta(
            description="command: brings a version live, and ends with 0; {image} (host/name@sha256:…), {version} "
            "and {commit} are filled in"
        ),
    ] = None
    rollback: Annotated[
        Command | None,
        Meta(description="command: as deploy, for what was live before; deploy does it if left out"),
    ] = None
    live: Annotated[
        Command | None,
        Meta(
            description="command: prints what is live: its commit, VERSION-COMMIT, the image by digest, or JSON "
            "with version and commit; if left out the smoke checks say it"
        ),
    ] = None
    url: Annotated[
        HookUrl | None,
        Meta(description="webhook: where the POST goes, or where that address is; it is never shown"),
    ] = None

    project: Annotated[VercelName | None, Meta(description="vercel: id or name of the project")] = None
    team: Annotated[
        VercelName | None, Meta(description="vercel: id or slug of the team; left out for an account of one's own")
    ] = None
    token: Annotated[Secret | None, Meta(description="vercel: where the access token is")] = None

    def __post_init__(self) -> None:
        spell_paths(self, "path", "source")
