"""The command lines of the builders, as values: what is run, and what a person can run again in the same folder."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from shipit.adapters.docker.order import Order

Arguments = tuple[str, ...]


def docker_build(order: Order) -> Arguments:
    """With BuildKit in the engine, which DOCKER_BUILDKIT=1 asks for."""
    return ("docker", "build", "--progress=plain", *_described(order), "--", _context(order))


def buildx_build(order: Order, *output: str, platforms: Sequence[str] | None = None) -> Arguments:
    """With docker's plugin; `output` says where the image goes, `platforms` which instead of the order's."""
    head = ("docker", "buildx", "build", "--progress=plain", *output)
    return (*head, *_described(order, platforms), "--", _context(order))


def buildx_builds(order: Order, own: Callable[[], str]) -> Sequence[Arguments]:
    """What builds an image and leaves it on this machine; `own` is asked for the platform of this machine.

    For several platforms all are built first, and stay in the builder; of these the engine takes only one.
    """
    wanted = order.image.platforms
    if len(wanted) < 2:
        return (buildx_build(order, "--load"),)
    here = own()
    return (
        buildx_build(order),
        buildx_build(order, "--load", platforms=(here if here in wanted else wanted[0],)),
    )


def docker_push(name: str) -> Arguments:
    """Not quiet: quietly it would not name the digest."""
    return ("docker", "push", "--", name)


def docker_labels(name: str) -> Arguments:
    return ("docker", "image", "inspect", "--format={{json .Config}}", "--", name)


def buildah_build(order: Order, isolation: str) -> Arguments:
    """In docker's format: the other one drops HEALTHCHECK, SHELL and ONBUILD."""
    isolated = (f"--isolation={isolation}",) if isolation else ()
    return ("buildah", "bud", "--format=docker", *isolated, *_described(order), "--", _context(order))


def buildah_push(name: str, digest_file: Path, *, is_plain: bool) -> Arguments:
    """`is_plain` for a registry that speaks without encryption, on this machine alone."""
    plain = ("--tls-verify=false",) if is_plain else ()
    return ("buildah", "push", *plain, f"--digestfile={digest_file}", "--", name)


def buildah_labels(name: str) -> Arguments:
    return ("buildah", "inspect", "--type=image", "--", name)


def _described(order: Order, platforms: Sequence[str] | None = None) -> Iterator[str]:
    """What all three understand in the same words; values may hold any character."""
    image = order.image
    yield f"--file=./{image.file}"
    yield f"--tag={order.name}"
    if wanted := image.platforms if platforms is None else platforms:
        yield f"--platform={','.join(wanted)}"
    if image.target:
        yield f"--target={image.target}"
    yield from (f"--build-arg={name}={value}" for name, value in image.build_args.items())
    yield from (f"--label={name}={value}" for name, value in order.labels.items())


def _context(order: Order) -> str:
    """With ./ in front: a name that looks like an address would be fetched."""
    return "." if order.image.context == "." else f"./{order.image.context}"
