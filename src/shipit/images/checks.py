"""Checks: questions that must be answered before anything is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shipit.engine.plan import Problem
from shipit.images.model import Image
from shipit.images.ports import Builder


@dataclass(frozen=True, kw_only=True)
class BuilderReady:
    """A program that builds is there, answers, and can build for the platforms that are asked for."""

    builder: Builder
    images: tuple[Image, ...]
    name: str = "builder"

    @property
    def summary(self) -> str:
        return f"{self.builder.name} can build"

    def problems(self) -> Sequence[Problem]:
        return self.builder.problems(self.images)


@dataclass(frozen=True, kw_only=True)
class FilesThere:
    """The commit has every file and folder that the images are built from; `has` asks for one by its path."""

    images: tuple[Image, ...]
    commit: str
    has: Callable[[str], bool]
    name: str = "files"
    summary: str = "The commit has the files of every image"

    def problems(self) -> Sequence[Problem]:
        wanted = [(image, key, path) for image in self.images for key, path in _paths(image)]
        return [
            Problem(f"{path} is not in {self.commit[:10]}", f"images.{image.key}.{key}", "commit it, or correct it")
            for image, key, path in wanted
            if not self.has(path)
        ]


@dataclass(frozen=True, kw_only=True)
class NothingInHand:
    """What is built is the commit: changes that are not committed are said to be left out."""

    changed: Callable[[], Sequence[str]]
    name: str = "work-tree"
    summary: str = "Nothing is left out of the images"

    def problems(self) -> Sequence[Problem]:
        changed = self.changed()
        if not changed:
            return ()
        shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        return (
            Problem("changes that are not committed are not in the images", shown, "commit them", is_warning=True),
        )


def _paths(image: Image) -> Sequence[tuple[str, str]]:
    context = [("context", image.context)] if image.context != "." else []
    return [("file", image.file), *context]
