"""Which tools a configuration needs, without looking for any of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from shipit.config import Config, Environment, Gate
from shipit.doctor.commands import command_needs, module_need
from shipit.doctor.images import image_needs
from shipit.doctor.model import Kind, Need, Surroundings
from shipit.doctor.scans import scan_needs

GIT = ">=2.38"
"""The first with `git merge-tree --write-tree`."""
POSTGRES_PACKAGES = {"postgast": ">=0.2,<1", "psycopg": ">=3.2"}
NOTIFY_PACKAGES = {"apprise": ">=1.9"}
"""As in the extras of shipit."""


def needs(config: Config, around: Surroundings, environment: str = "") -> Sequence[Need]:
    """Each tool once, with all that it is for; `environment` leaves out databases and targets of the others."""
    environments = {environment: config.environments[environment]} if environment else config.environments
    found = chain(
        _git(config, around),
        _building(config, around),
        _gates(config, around),
        image_needs(config),
        *(_environment(name, one, around) for name, one in environments.items()),
        _migrating(config),
        _notifying(config),
        scan_needs(config, around),
    )
    return tuple(_merged(found))


def is_postgres(url: str, variables: Mapping[str, str]) -> bool | None:
    """Whether an address is PostgreSQL's: it is unless it is SQLite's; None where it is not known here."""
    kind, _, name = url.partition(":")
    address = variables.get(name, "") if kind == "env" else url
    if not address or kind in {"file", "command"}:
        return None
    return not address.strip().lower().startswith("sqlite:")


def _merged(found: Iterator[Need]) -> Iterator[Need]:
    known: dict[tuple[Kind, tuple[str, ...]], Need] = {}
    for need in found:
        key = (need.kind, need.argv)
        before = known.get(key, need)
        known[key] = replace(
            before,
            wanted=before.wanted or need.wanted,
            why=tuple(dict.fromkeys((*before.why, *need.why))),
            is_required=before.is_required or need.is_required,
        )
    yield from known.values()


def _git(config: Config, around: Surroundings) -> Iterator[Need]:
    yield Need(tool="git", kind=Kind.RUN, argv=("git", "--version"), wanted=GIT, why=("every subcommand",))
    if around.has_large_files:
        yield Need(
            tool="git-lfs", kind=Kind.RUN, argv=("git", "lfs", "version"), why=(".gitattributes: filter=lfs",)
        )
    if config.release.sign:
        yield Need(tool=around.signer, kind=Kind.FILE, argv=(around.signer,), why=("release.sign",))


def _building(config: Config, around: Surroundings) -> Iterator[Need]:
    """The project is built and tried by the Python that runs shipit, or by its own command."""
    yield Need(
        tool="Python of shipit", kind=Kind.PYTHON, wanted=around.requires_python, why=("shipit release, deploy",)
    )
    if config.distribution.run is not None:
        yield from command_needs(config.distribution.run, "distribution.run", python=around.requires_python)


def _gates(config: Config, around: Surroundings) -> Iterator[Need]:
    """Those of the configuration, and what `shipit verify` runs for a question that no gate answers."""
    for name, gate in config.gates.items():
        yield from _gate(gate, f"gates.{name}.run", around)
    answered = {gate.verify or name for name, gate in config.gates.items()}
    for question, gates in around.usual.items():
        if question not in answered:
            for gate in gates:
                yield from _gate(gate, f"verify {question}", around, is_required=False)


def _gate(gate: Gate, key: str, around: Surroundings, *, is_required: bool = True) -> Iterator[Need]:
    return command_needs(gate.run, key, python=around.requires_python, is_required=is_required)


def _environment(name: str, environment: Environment, around: Surroundings) -> Iterator[Need]:
    key = f"environments.{name}"
    yield from _database(key, environment, around)
    commands = [("smoke.run", environment.smoke.run)]
    for target, options in environment.targets.items():
        commands += [
            (f"targets.{target}.{each}", getattr(options, each)) for each in ("deploy", "rollback", "live")
        ]
    for what, command in commands:
        if command is not None:
            yield from command_needs(command, f"{key}.{what}")


def _database(key: str, environment: Environment, around: Surroundings) -> Iterator[Need]:
    """SQLite needs nothing that Python does not bring."""
    options = environment.database
    postgres = is_postgres(options.url, around.variables) if options else False
    if not options or postgres is False:
        return
    why = f"{key}.database" if postgres else f"{key}.database, if it is PostgreSQL"
    for package, wanted in POSTGRES_PACKAGES.items():
        yield _package(package, wanted, why, is_required=bool(postgres))
    if options.backup.enabled:
        why = f"{key}.database.backup (not older than the server: migrate asks)"
        yield Need(tool="pg_dump, pg_restore", kind=Kind.CLIENT, why=(why,), is_required=bool(postgres))
        if options.backup.store is not None:
            yield from command_needs(options.backup.store, f"{key}.database.backup.store")


def _migrating(config: Config) -> Iterator[Need]:
    options = config.migrations
    if options.engine in {"alembic", "django"}:
        yield module_need("", options.engine, "migrations.engine")
    if options.engine == "command":
        for each in ("command", "status_command", "rollback_command"):
            if (command := getattr(options, each)) is not None:
                yield from command_needs(command, f"migrations.{each.replace('_', '-')}")


def _notifying(config: Config) -> Iterator[Need]:
    """A notification that fails changes nothing, so that nothing of it is required."""
    if config.notify.run is not None:
        yield from command_needs(config.notify.run, "notify.run", is_required=False)
    if config.notify.apprise is not None:
        for package, wanted in NOTIFY_PACKAGES.items():
            yield _package(package, wanted, "notify.apprise", is_required=False)


def _package(name: str, wanted: str, why: str, *, is_required: bool) -> Need:
    argv = (name,)
    return Need(tool=name, kind=Kind.PACKAGE, argv=argv, wanted=wanted, why=(why,), is_required=is_required)
