"""The calls of shipit that the configuration asks for."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from shipit.config import Config, Security
from shipit.config import Workflows as Options
from shipit.project.ci.document import Finding
from shipit.project.ci.workflow import FOLDER, Call, Job, Workflow

_QUESTIONS = ("lint", "types", "tests")


class Wanted(Struct, frozen=True, kw_only=True):
    """A call that some job must make: for what, how it is recognised, and how it is written."""

    reason: str
    line: str
    fits: Callable[[Call], bool]


def missing_calls(workflows: Sequence[Workflow], config: Config) -> Iterator[Finding]:
    """What the configuration has and no workflow calls."""
    calls = [call for one in workflows for job in one.jobs for call in job.calls]
    for wanted in _wanted(config):
        if not any(wanted.fits(call) for call in calls):
            why = f"{wanted.reason}, and no workflow calls for it"
            yield Finding(path=FOLDER, line=0, rule="missing-call", why=why, fix=f"run: {wanted.line}")


def other_values(workflows: Sequence[Workflow], config: Config) -> Iterator[Finding]:
    """Versions of Python and a schedule that the configuration names and no workflow has."""
    options, usual = config.workflows, Options()
    if options.pythons != usual.pythons:
        jobs = [job for one in workflows for job in one.jobs if _calls(job, "verify", "tests")]
        known = {text for job in jobs for text in job.node.scalars()}
        for version in options.pythons:
            if version not in known:
                why = f"workflows.pythons has {version}, and no job runs the tests on it"
                fix = f'python: ["{version}"] in the matrix'
                yield Finding(path=FOLDER, line=0, rule="missing-python", why=why, fix=fix)
    if options.security_schedule != usual.security_schedule:
        known = {text for one in workflows if _scans(one) for text in one.root.get("on").scalars()}
        if options.security_schedule not in known:
            why = "workflows.security-schedule is another than that of the scans"
            fix = f'schedule: [{{ cron: "{options.security_schedule}" }}]'
            yield Finding(path=FOLDER, line=0, rule="other-schedule", why=why, fix=fix)


def _wanted(config: Config) -> Iterator[Wanted]:
    answered = {gate.verify or name for name, gate in config.gates.items()}
    for question in _QUESTIONS:
        if question in answered:
            yield _verify(f"gates answer the question {question}", question)
    if config.security != Security() or "security" in config.protection.required_checks:
        yield _verify("the scans are configured", "security")
    for name in config.images:
        yield Wanted(
            reason=f"images.{name} is configured",
            line=f"shipit build {name} --push",
            fits=lambda call, name=name: _builds(call, name),  # type: ignore[misc]
        )
    for name, environment in config.environments.items():
        if environment.from_:
            yield _at("deploy", name)
        elif environment.database and name != "testing":
            yield _at("migrate", name)
    if any(one.database for one in config.environments.values()):
        yield _verify("an environment has a database", "migrations")


def _verify(reason: str, question: str) -> Wanted:
    line = f"shipit verify {question}"
    return Wanted(reason=reason, line=line, fits=lambda call: call.is_("verify", question))


def _at(command: str, environment: str) -> Wanted:
    """A variable may stand for any environment."""
    return Wanted(
        reason=f"environments.{environment} is configured",
        line=f"shipit {command} --env {environment}",
        fits=lambda call: call.is_(command) and (call.environment == environment or "$" in call.environment),
    )


def _builds(call: Call, name: str) -> bool:
    names = call.names
    return call.is_("build") and "--push" in call.words and (not names or name in names or "$" in "".join(names))


def _calls(job: Job, *command: str) -> bool:
    return any(call.is_(*command) for call in job.calls)


def _scans(workflow: Workflow) -> bool:
    return any(_calls(job, "verify", "security") for job in workflow.jobs)
