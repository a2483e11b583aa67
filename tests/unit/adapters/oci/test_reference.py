"""Names of images are read as docker reads them, and a name that is none says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipit.adapters.oci import reference
from shipit.adapters.oci.reference import Reference
from shipit.errors import UsageError

DIGEST = f"sha256:{'0a' * 32}"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("redis", "docker.io", "library/redis", None, None),
        ("redis:7", "docker.io", "library/redis", "7", None),
        ("docker.io/redis", "docker.io", "library/redis", None, None),
        ("index.docker.io/acme/x", "docker.io", "acme/x", None, None),
        ("acme/x:v1.0.0", "docker.io", "acme/x", "v1.0.0", None),
        ("ghcr.io/acme/acme-mcp:develop", "ghcr.io", "acme/acme-mcp", "develop", None),
        (f"ghcr.io/acme/x@{DIGEST}", "ghcr.io", "acme/x", None, DIGEST),
        (f"ghcr.io/acme/x:v1@{DIGEST}", "ghcr.io", "acme/x", "v1", DIGEST),
        (f"x@sha512:{'0' * 128}", "docker.io", "library/x", None, f"sha512:{'0' * 128}"),
        ("localhost/x", "localhost", "x", None, None),
        ("localhost:5000/x:1", "localhost:5000", "x", "1", None),
        ("127.0.0.1:5000/a/b/c", "127.0.0.1:5000", "a/b/c", None, None),
        ("[fc00::1]:5000/x", "[fc00::1]:5000", "x", None, None),
        ("Registry/x", "Registry", "x", None, None),
        ("test_com/foo", "docker.io", "test_com/foo", None, None),
        ("localhost:5000", "docker.io", "library/localhost", "5000", None),
        ("a/dock__er---rules.x/y", "docker.io", "a/dock__er---rules.x/y", None, None),
    ],
)
def test_a_name_is_read_as_docker_reads_it(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    read = reference.parse(text)
    assert read == Reference(registry=registry, repository=repository, tag=tag, digest=digest)
    assert reference.parse(str(read)) == read


def test_the_digest_counts_before_the_tag_and_latest_is_meant_by_neither() -> None:
    assert reference.parse(f"x:v1@{DIGEST}").target == DIGEST
    assert reference.parse("x:v1").target == "v1"
    assert reference.parse("x").target == "latest"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("https://ghcr.io/acme/x", "an address has a scheme, a name has none"),
        ("0a" * 32, "64 hexadecimal digits are the id of an image on one machine, which no registry knows"),
        ("ghcr.io/Acme/x", "a repository has small letters only: Acme/x"),
        ("docker/Docker:1", "a repository has small letters only: docker/Docker"),
        ("ghcr.io/", "the repository is missing"),
        ("acme/", "the repository is missing"),
        ("acme//x", "not a repository: 'acme//x'; it has small letters and digits"),
        ("dock..er/x", "not a registry: 'dock..er'"),
        ("acme/dock..er", "not a repository: 'acme/dock..er'"),
        ("x y", "not a repository: 'library/x y'"),
        ("acme/x\n", "not a repository: 'acme/x\\n'"),
        ("acmé/x", "not a repository: 'acm\\xe9/x'"),
        ("-acme.io/x", "not a registry: '-acme.io'; it is host or host:port"),
        ("[::1/x", "not a registry: '[::1'"),
        ("localhost:0/x", "there is no port 0"),
        ("127.0.0.1:99999/x", "there is no port 99999"),
        ("x:", "the tag after `:` is missing"),
        ("x:-1", "not a tag: '-1'; it has letters, digits, `_`, `.` and `-`"),
        ("x:v1+2", "not a tag: 'v1+2'"),
        ("x:1\n", "not a tag: '1\\n'"),
        (f"x:{'1' * 129}", "a tag has at most 128 characters"),
        ("x@", "the digest after `@` is missing"),
        ("x@sha256:00", "not a digest: 'sha256:00'; it is `sha256:` and 64 hexadecimal digits"),
        (f"x@sha256:{'A' * 64}", "not a digest: 'sha256:AAA"),
        (f"x@{DIGEST}@{DIGEST}", "not a digest: "),
        ("a" * 260, "registry and repository together have more than 255 characters"),
    ],
)
def test_a_name_that_is_none_says_why(text: str, why: str) -> None:
    with pytest.raises(UsageError, match="is no name of an image") as mistake:
        reference.parse(text)
    assert mistake.value.evidence[0].startswith(why)
    assert mistake.value.hint


@given(st.text(alphabet="aB0.:/@-_[]é \nsha256", max_size=40))
def test_every_text_is_a_name_or_a_mistake_and_nothing_else(text: str) -> None:
    try:
        read = reference.parse(text)
    except UsageError:
        return
    assert reference.parse(str(read)) == read
