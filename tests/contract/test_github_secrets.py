"""Whatever GitHub says or does not say, the token stands in no error, log or record (bar B7)."""

import base64
import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from shipit.errors import ExternalError
from shipit.model import ForgeRelease
from tests.support.github_scene import NOT_DONE, REFUSED, SENTINEL, SHAPE, Scene
from tests.support.github_state import NO_SHA
from tests.support.misbehaviour import Kind

ACTIONS: dict[str, tuple[str, str, Callable[[Scene, ForgeRelease], object]]] = {
    "draft": (
        "POST",
        "/releases$",
        lambda scene, _: scene.github.create_draft("v2.0.0", "t", "b", prerelease=False),
    ),
    "upload": ("POST", "/assets$", lambda scene, made: scene.upload(made)),
    "publish": ("PATCH", "/releases/", lambda scene, made: scene.github.publish(made, SHAPE)),
    "open": ("POST", "/pulls$", lambda scene, _: scene.open()),
    "dispatch": ("POST", "/dispatches$", lambda scene, _: scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)),
    "read": ("GET", "/releases", lambda scene, _: scene.github.release("v1.0.0")),
}


class TestASecret:
    @pytest.mark.parametrize("kind", [*NOT_DONE, *REFUSED])
    @pytest.mark.parametrize("action", ACTIONS)
    def test_is_in_no_error_log_or_record(
        self, scene: Scene, action: str, kind: Kind, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        made = scene.draft()
        method, path, run = ACTIONS[action]
        scene.server.misbehave(method, path, kind, times=9)
        with pytest.raises(ExternalError) as failure:
            run(scene, made)
        error = failure.value
        seen = [
            "".join(traceback.format_exception(error)),
            repr((error.what, error.where, error.evidence, error.hint)),
            caplog.text,
            repr(scene.server.requests),
        ]
        for form in (SENTINEL, quote(SENTINEL, safe=""), quote_plus(SENTINEL), "S3NTINEL", *_base64_forms()):
            assert form not in "\n".join(seen)


def _base64_forms() -> list[str]:
    """The token's own part of base64 text, at each of the three places where it can begin."""
    return [base64.b64encode(b"x" * shift + SENTINEL.encode()).decode()[4:24] for shift in range(3)]
