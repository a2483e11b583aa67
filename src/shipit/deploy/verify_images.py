"""shipit verify images --env: are the images of the last deployment still what the registry has?"""

from collections.abc import Iterator, Mapping

from shipit.deploy.images import left, split
from shipit.deploy.job import DeployJob
from shipit.deploy.model import Entry
from shipit.errors import ExternalError, LiveDiffers, Refused

Facts = Mapping[str, str]


def verify_images(job: DeployJob) -> Facts:
    """Raises LiveDiffers if an image or its tag is not what was deployed, Refused where that cannot be known."""
    name, standing = job.outside.name, job.ledger.standing()
    if standing is None:
        raise Refused(f"nothing was ever deployed to {name}", hint=f"shipit deploy --env {name}")
    if not standing.images:
        raise Refused(
            f"the ledger of {name} has no images",
            evidence=[f"{standing.decision.revision} was deployed without them"],
            hint="an image belongs to a target: targets.NAME.image",
        )
    wrong = [*_wrong(job, standing)]
    unknown = [line for line, is_known in wrong if not is_known]
    different = [line for line, is_known in wrong if is_known]
    if different:
        evidence = [*different, *(f"{line} (not known)" for line in unknown)]
        raise LiveDiffers(
            f"the images of {name} are not what was deployed", evidence=evidence, hint=f"shipit deploy --env {name}"
        )
    if unknown:
        raise Refused(
            f"it is not known whether the images of {name} are still there",
            evidence=unknown,
            hint="run the same command again once the registry answers",
        )
    revision = standing.decision.revision
    job.reporter.say(
        f"the images of {name} are what was deployed: {revision}, {len(standing.images)} in the registry"
    )
    return {"verified": "true", "version": revision.version, "commit": revision.commit, **standing.images}


def _wrong(job: DeployJob, standing: Entry) -> Iterator[tuple[str, bool]]:
    """What differs, a line each, and whether that is known: a registry may not answer."""
    for name, pinned in standing.images.items():
        try:
            line = _difference(job, standing, name, pinned)
        except ExternalError as why:
            yield f"{name}: {why.what}", False
        else:
            if line:
                yield line, True


def _difference(job: DeployJob, standing: Entry, name: str, pinned: str) -> str:
    host, repository, digest = split(pinned)
    registry = job.outside.images_outside.registry(host)
    if line := left(name, pinned, standing.decision.revision.commit, registry):
        return line
    tag = job.outside.image_tag
    there = registry.digest(repository, tag)
    return "" if there == digest else f"{name}: {tag} is {there or 'not there'}, and {digest} was deployed"
