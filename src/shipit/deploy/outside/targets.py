"""Which adapter plays a target of the configuration."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import TargetOptions
from shipit.deploy.model import Intent
from shipit.deploy.ports import Target
from shipit.deploy.verdict import proves
from shipit.engine.plan import Say
from shipit.errors import ExternalError, UsageError
from shipit.model import Revision
from shipit.versioning.number import pep440

if TYPE_CHECKING:
    from shipit.adapters.remote.command import OwnCommand, PrintedByCommand
    from shipit.adapters.remote.delivery import Way, Witness
    from shipit.adapters.remote.hook import Hook
    from shipit.deploy.outside import Outside


def make_target(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> Target:
    """Raises UsageError for a key that the kind needs and that is not there."""
    match options.kind:
        case "directory":
            return _directory(outside, name, options, intent)
        case "process":
            return _process(outside, name, options, intent)
        case "vercel":
            return _vercel(outside, name, options, intent)
    return _elsewhere(outside, name, options, intent)


def is_seen_from_outside(options: TargetOptions) -> bool:
    """Whether nothing but the smoke checks shows what is live there."""
    return options.kind == "webhook" or (options.kind == "command" and options.live is None)


def _directory(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> Target:
    from shipit.adapters.local.directory import DirectoryTarget

    def export(_: str, to: Path) -> None:
        """Write the published folder of the commit, which `require_inputs` has seen."""
        source = str(_required(outside, name, "source", options.source))
        shutil.copytree(outside.clone(intent.revision).path / source, to, symlinks=True, dirs_exist_ok=True)

    return DirectoryTarget(
        name=name, path=_path(outside, name, options), keep=options.keep, export=export, fence=intent.fence
    )


def _vercel(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> Target:
    from shipit.adapters.vercel.client import PUBLIC_API, VercelClient
    from shipit.adapters.vercel.target import VercelTarget

    source = str(_required(outside, name, "source", options.source))
    token = str(_required(outside, name, "token", options.token))
    api = outside.release.environment.get("VERCEL_API_URL") or PUBLIC_API
    return VercelTarget(
        name=name,
        environment=outside.name,
        project=str(_required(outside, name, "project", options.project)),
        keep=options.keep,
        limit=outside.options.smoke.timeout,
        run=intent.run,
        deployed=intent.revision,
        source=lambda: outside.clone(intent.revision).path / source,
        connect=lambda: VercelClient(api, outside.release.secret(token), options.team or ""),
        is_rollback=intent.is_rollback,
        clock=outside.clock,
    )


def _process(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> Target:
    from shipit.adapters.local.process import ProcessTarget
    from shipit.adapters.process import words

    path = _path(outside, name, options)
    return ProcessTarget(
        name=name,
        path=path,
        keep=options.keep,
        run=words(_required(outside, name, "run", options.run)),
        address=str(_required(outside, name, "address", options.address)),
        variables=lambda seen: outside.variables(options, seen, path),
        wheel=lambda say: _wheel(outside, intent.revision, say),
        fence=intent.fence,
    )


def _elsewhere(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> Target:
    from shipit.adapters.remote.target import RemoteTarget

    way: Way = _hook(outside, name, options, intent)
    if options.kind == "command":
        way = _command(outside, name, options)
    has_image = options.image is not None
    return RemoteTarget(
        name=name,
        way=way,
        witness=_witness(outside, name, options, intent),
        deployed=intent.revision,
        standing=_standing(intent),
        image=(lambda seen: _pinned(outside, options, intent, seen)) if has_image else None,
        is_rollback=intent.is_rollback,
        is_resumed=intent.is_resumed,
    )


def _hook(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> "Hook":
    from shipit.adapters.remote.hook import Hook

    def address() -> str:
        return outside.address(str(_required(outside, name, "url", options.url)))

    return Hook(target=name, environment=outside.name, run=intent.run, address=address)


def _command(outside: "Outside", name: str, options: TargetOptions) -> "OwnCommand":
    from shipit.adapters.process import words
    from shipit.adapters.remote.command import OwnCommand

    return OwnCommand(
        where=_table(outside, name),
        deploy=words(_required(outside, name, "deploy", options.deploy)),
        rollback=None if options.rollback is None else words(options.rollback),
        others=() if options.live is None else (words(options.live),),
        top=outside.project.top,
        variables=lambda seen: _of_command(outside, options, seen),
    )


def _of_command(outside: "Outside", options: TargetOptions, seen: Revision) -> Mapping[str, str | None]:
    """What the project's own command sees: no secret but those that the target names."""
    return {**outside.seen(seen), **outside.variables(options, seen, outside.project.top)}


def _witness(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> "Witness":
    if options.kind == "command" and options.live is not None:
        return _printed(outside, name, options, intent)
    from shipit.adapters.remote.answers import SeenFromOutside

    if outside.smoke is None:
        raise UsageError(
            f"nobody can know what is live on {name}",
            where=_table(outside, name),
            hint="smoke.checks = [{ get = … }]",
        )
    return SeenFromOutside(
        deployed=intent.revision,
        standing=_standing(intent),
        answers=outside.smoke.is_live,
        confirm=outside.smoke.confirm,
        by_commit=proves(outside.options.smoke.checks) == "commit",
    )


def _printed(outside: "Outside", name: str, options: TargetOptions, intent: Intent) -> "PrintedByCommand":
    from shipit.adapters.process import words
    from shipit.adapters.remote.command import PrintedByCommand

    return PrintedByCommand(
        where=f"{_table(outside, name)}.live",
        words=words(options.live or ()),
        top=outside.project.top,
        variables=lambda seen: _of_command(outside, options, seen),
        deployed=intent.revision,
        standing=_standing(intent),
        image=lambda seen: _pinned(outside, options, intent, seen),
        limit=outside.options.smoke.timeout,
        clock=outside.clock,
    )


def _standing(intent: Intent) -> Revision | None:
    return intent.standing.decision.revision if intent.standing else None


def _pinned(outside: "Outside", options: TargetOptions, intent: Intent, seen: Revision) -> str | None:
    """The image of what is deployed, or of what the ledger says is live: by the digest that stands there."""
    if options.image is None:
        return None
    if seen == intent.revision or intent.standing is None:
        return outside.image(options.image, seen, intent.tag, intent.recorded).pinned
    standing = intent.standing
    return outside.image(options.image, seen, standing.decision.tag, standing.images).pinned


def _path(outside: "Outside", name: str, options: TargetOptions) -> Path:
    return (outside.project.top / str(_required(outside, name, "path", options.path))).resolve()


def _wheel(outside: "Outside", revision: Revision, say: Say) -> Path:
    """The wheel of the commit, built once."""
    from shipit.adapters.python.packager import Packager
    from shipit.gates.runner import split

    options, release = outside.project.config.distribution, outside.release
    outside.built.append(release.folder(release.private / "work" / f"deploy-{revision.reference}"))
    packager = Packager(
        tree=outside.clone(revision),
        folder=outside.built[-1],
        time=release.now(),
        project=outside.project.name,
        version=pep440(revision.version),
        options=options,
        command=None if options.run is None else split(options.run, "distribution.run"),
        variables={**outside.seen(revision), **dict.fromkeys(release.withheld.difference(options.secrets))},
    )
    wheels = [path for path in packager.build(say) if path.suffix == ".whl"]
    if not wheels:
        raise ExternalError("the build made no wheel", evidence=["a process target installs a wheel"])
    return wheels[0]


def _required(outside: "Outside", name: str, key: str, value: str | Sequence[str] | None) -> str | Sequence[str]:
    if value is None:
        where = f"[tool.shipit.{_table(outside, name)}]"
        raise UsageError(f"the target {name} has no {key}", where=where, hint=f'{key} = "…"')
    return value


def _table(outside: "Outside", name: str) -> str:
    return f"environments.{outside.name}.targets.{name}"
