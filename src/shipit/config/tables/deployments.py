"""[tool.shipit.environments.NAME]: what runs there, and how it is found out that it does."""

from typing import Annotated, Literal

from msgspec import Meta, field

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath, Url, spell_paths, text

Address = Annotated[str, text(r"[A-Za-z0-9.-]+:[0-9]{1,5}", "host:port")]
SmokeUrl = Annotated[
    str, text(r"https?://[^\s/@]+(/[^\s@]*)?", "an http or https address without user and password")
]
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
        Literal["directory", "process"],
        Meta(description="directory: files behind a symlink; process: a service that shipit keeps running"),
    ]
    path: Annotated[
        str, Meta(min_length=1, description="folder for its versions, relative to the repository's top")
    ]
    role: Annotated[
        Literal["frontend", "backend"] | None,
        Meta(description="frontends come first, backends follow; left out: what NAME says"),
    ] = None
    keep: Annotated[int, Meta(ge=1, description="how many former versions are kept to go back to")] = 5
    source: Annotated[
        InsidePath | None, Meta(description="directory: the folder of the repository that is published")
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
            description="process: variables of its environment; env:NAME, file:PATH and command:ARGV are resolved, "
            "{version}, {commit} and {path} (the target's folder) are filled in"
        ),
    ] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        spell_paths(self, "path", "source")
