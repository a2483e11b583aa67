"""A real docker engine, Debian's, for a test process of its own, with the base image of busybox in it."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from examples import base_image, docker_engine
from examples.docker_engine import Engine

from tests.support.require import require

__all__ = ["Engine", "buildx", "engine", "watched"]

_BUILDX = Path(os.environ.get("SHIPIT_TEST_BUILDX", "/usr/libexec/docker/cli-plugins/docker-buildx"))


@contextlib.contextmanager
def engine() -> Iterator[Engine]:
    require("root, for docker's engine", os.geteuid() == 0)
    require(", ".join(docker_engine.lacking()), not docker_engine.lacking())
    with docker_engine.engine() as running:
        base_image.write_busybox(running.folder / "busybox.tar")
        running.take(base_image.BUSYBOX, running.folder / "busybox.tar")
        yield running


def buildx() -> Path:
    """The plugin, which Debian 12 does not have: SHIPIT_TEST_BUILDX, or where docker's own packages put it."""
    require("docker buildx", _BUILDX.is_file())
    return _BUILDX


@contextlib.contextmanager
def watched(running: Engine, patience: float = 60) -> Iterator[None]:
    """What takes longer (seconds) is hanging: the engine then says where its pushes stand, on standard error."""

    def tell() -> None:
        running.process.send_signal(signal.SIGUSR1)
        time.sleep(2)
        for path in (running.folder / "exec").glob("goroutine-stacks-*"):
            stacks = path.read_text(errors="replace").split("\n\n")
            said = [one for one in stacks if "/distribution" in one]
            sys.stderr.write("\n\n".join([f"{len(stacks)} goroutines, {len(said)} of pushes", *said, ""]))

    watch = threading.Timer(patience, tell)
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
