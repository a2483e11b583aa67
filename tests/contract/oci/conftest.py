"""Registries: Debian's, for everybody and with passwords, and the stand-in with its token service."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from shipit.adapters.oci.login import Login
from shipit.adapters.oci.registry import Registry
from tests.support.registry import PASSWORD, USER, docker_registry, front
from tests.support.registry_images import Pusher
from tests.support.registry_rules import Rules
from tests.support.registry_stand_in import StandIn

REAL, MEMBERS, TOKENS = "docker-registry", "docker-registry with passwords", "stand-in with tokens"
_numbers = itertools.count()


@dataclass
class Place:
    """A repository of a running registry that no other test uses; `registry` is what is tested."""

    registry: Registry
    pusher: Pusher
    rules: Rules
    name: str


@pytest.fixture(scope="session")
def real() -> Iterator[str]:
    with docker_registry() as root:
        yield root


@pytest.fixture(scope="session")
def real_with_passwords() -> Iterator[str]:
    with docker_registry(members=True) as root:
        yield root


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn("bearer") as made:
        made.add_user(USER, "pull", "push", password=PASSWORD)
        yield made


def login() -> Login:
    return Login(username=USER, password=PASSWORD)


@pytest.fixture(params=[REAL, MEMBERS, TOKENS])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    name = f"acme/image-{next(_numbers)}"
    if request.param == TOKENS:
        server = request.getfixturevalue("stand_in")
        with closing(Registry(server.host, login)) as registry:
            yield Place(registry, Pusher(server.root, server.everything), server.rules, name)
        return
    with_passwords = request.param == MEMBERS
    root = request.getfixturevalue("real_with_passwords" if with_passwords else "real")
    headers = {"Authorization": login().basic} if with_passwords else {}
    with front(root) as server, closing(Registry(server.host, login)) as registry:
        yield Place(registry, Pusher(server.root, lambda: headers), server.rules, name)


@pytest.fixture
def known(stand_in: StandIn) -> Iterator[Registry]:
    """The stand-in, asked by one who may pull and push; `pauses` is where its waiting goes."""
    with closing(Registry(stand_in.host, login, pause=lambda _: None)) as registry:
        yield registry
