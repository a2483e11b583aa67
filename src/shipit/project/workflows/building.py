"""build.yml: one job for each image."""

from shipit.project.workflows.product import Product, variables
from shipit.project.workflows.steps import ASKED, NOT_ASKED, READ, both, checkout, install
from shipit.project.workflows.text import Job, Workflow, call

_MINUTES = 15


def build(product: Product) -> Workflow:
    """Build and push on a push, build alone on a pull request, whose token may not push if it is a fork's."""
    names = list(product.config.images)
    filters = [f"  branches: [{', '.join(product.branches)}]", f'  tags: ["{product.tags}"]']
    return Workflow(
        name="build",
        on=[*both(push=filters), "workflow_dispatch:"],
        permissions=READ,
        group="build-${{ github.ref }}",
        cancels=True,
        jobs=[*(_image(product, name) for name in names), _proof(product, names)],
    )


def _image(product: Product, name: str) -> Job:
    env = variables(product.config.registry)
    return Job(
        name=f"build-{name}",
        timeout=_MINUTES,
        permissions={**READ, "packages": "write"},
        steps=[
            checkout(history=True),
            install(product),
            call(f"shipit build {name}", env, condition=ASKED),
            call(f"shipit build {name} --push", env, condition=NOT_ASKED),
        ],
    )


def _proof(product: Product, names: list[str]) -> Job:
    """Whether all of them are in the registry; nothing requires this job, so that it may be skipped."""
    return Job(
        name="verify-images",
        timeout=_MINUTES,
        needs=[f"build-{name}" for name in names],
        condition=NOT_ASKED,
        permissions={**READ, "packages": "read"},
        steps=[
            checkout(history=True),
            install(product),
            call("shipit verify images", variables(product.config.registry)),
        ],
    )
