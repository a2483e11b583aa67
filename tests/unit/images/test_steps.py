"""What a step says where the registry changes under its hands."""

import pytest

from shipit.errors import ExternalError
from shipit.images.commit import CommitImage
from shipit.images.model import Names
from shipit.images.steps import Tag
from shipit.model import Revision
from tests.unit.images.yard import Yard


def test_a_tag_is_not_put_on_an_image_that_has_vanished(yard: Yard) -> None:
    pushed = CommitImage(
        image=yard.outside.images(["mcp"])[0],
        revision=Revision("1.1.0", yard.head),
        names=Names(own="develop-1", fixed=("v1.1.0",)),
        registry=yard.registry,
    )
    step = Tag(pushed=pushed, tag="v1.1.0")
    assert step.summary == "Put registry.test/acme/acme-mcp:v1.1.0"
    with pytest.raises(ExternalError, match=r"acme-mcp:develop-1 is gone from the registry"):
        step.run(lambda _: None)
