"""Plays a round: several runs at once, struck at random, then what is left to do, then a look at all of it."""

import contextlib
import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.matrix import TAG, differences
from tests.faults.rounds_arena import Arena
from tests.faults.rounds_plan import CALLS, Call, Round
from tests.faults.rounds_runner import marked
from tests.faults.rounds_words import Ended, Witness, landed, state
from tests.support import standing
from tests.support.acme import git, refs
from tests.support.place import Place
from tests.support.shaky_proxy import Weather

RESUME = CALLS[1]
PATIENCE = 40.0
HERE = ("files", "index", "HEAD", "stash", "config", "work trees")
"""What of a clone no release changes."""


@dataclass(kw_only=True)
class Scene:
    """One round while it is played; `story` is what happened, with its times."""

    arena: Arena
    round: Round
    place: Place
    clones: list[Path] = field(default_factory=list)
    before: list[standing.Standing] = field(default_factory=list)
    story: list[tuple[float, str]] = field(default_factory=list)
    runs: list[Ended] = field(default_factory=list)
    start: standing.Standing = field(default_factory=dict)
    began: float = 0.0
    commits: list[str] = field(default_factory=list)
    """what a developer pushed"""

    def say(self, text: str) -> None:
        self.story.append((time.time(), text))

    def prepare(self) -> None:
        """The clones, and a server that is as slow and shaky as the round wants it."""
        self.add_clone(self.place.clone)
        for number in range(1, self.round.clones):
            self.add_clone(self.place.fresh_clone(f"clone-{number}"))
        self.start = self.outside()
        if self.round.hook:
            self.arena.hook(self.place, "pre-receive", f"#!/bin/sh\nsleep {self.round.hook:.2f}\n")
        self.arena.proxy.said = self.say
        chance = Random(f"{self.round.seed} weather")
        self.arena.proxy.weather = Weather(chance=chance, pushes=self.round.pushes, others=self.round.others)

    def outside(self) -> standing.Standing:
        return self.arena.outside(self.place)

    def add_clone(self, clone: Path) -> Path:
        self.arena.through_proxy(self.place, clone)
        self.clones.append(clone)
        self.before.append(standing.of_clone(clone))
        return clone

    def all_at_once(self) -> None:
        """All runs of the round, and what others push meanwhile."""
        developer = threading.Thread(target=self.develop)
        self.began = time.time()
        developer.start()
        begun: list[tuple[Call, int]] = []
        for call in self.round.calls:
            time.sleep(call.after)
            begun.append((call, self.begin(call)))
        self.runs += [self.end(call, number) for call, number in begun]
        developer.join()
        self.wait_until_quiet()

    def begin(self, call: Call) -> int:
        self.say(f"start {call.label}")
        mark, token = self.mark(call), self.token(call)
        env, output = self.place.environment, self.output(call)
        return self.arena.crew.start(call, self.clones[call.clone], env, output=output, mark=mark, token=token)

    def end(self, call: Call, number: int) -> Ended:
        """Wait for a run, and write down how it ended."""
        answer = self.arena.crew.wait(number)
        texts = (Path(f"{self.output(call)}.{end}").read_text(errors="replace") for end in ("out", "err"))
        said, struck = "".join(texts), [(float(when), str(what)) for when, what in answer["struck"]]
        began, ended, code = float(answer["began"]), float(answer["ended"]), int(answer["code"])
        self.story += [(when, f"{what} to run {call.number}") for when, what in struck]
        lines = "".join(f"\n          {line}" for line in said.splitlines())
        self.story.append((ended, f"run {call.number}, token {self.token(call)}, ended with {code}{lines}"))
        return Ended(
            call=call, token=self.token(call), code=code, said=said, began=began, ended=ended, struck=struck
        )

    def run(self, *words: str, where: Path) -> Ended:
        """One more run, by itself, to its end."""
        number = len(self.round.calls) + len([1 for _, text in self.story if text.startswith("then ")])
        call = Call(number=number, words=words, clone=self.clones.index(where), after=0, strikes=())
        self.say(f"then run {number} by itself")
        return self.end(call, self.begin(call))

    def output(self, call: Call) -> Path:
        return self.place.laid.folder / f"run-{call.number}"

    def mark(self, call: Call) -> str:
        return f"{self.place.laid.folder}/{call.number}/"

    def token(self, call: Call) -> str:
        return hashlib.sha256(f"{self.round.seed} {call.number}".encode()).hexdigest()[:16]

    def develop(self) -> None:
        """A developer pushes to develop at these moments, and again where somebody else was faster."""
        for moment in sorted(self.round.commits):
            time.sleep(max(0.0, self.began + moment - time.time()))
            for _ in range(9):
                try:
                    sha = self.place.push_something("docs: say more", {f"said-{moment:.2f}.txt": "more\n"})
                except RuntimeError as error:
                    self.say(f"the developer was refused: {error}")
                    continue
                self.commits.append(sha)
                self.say(f"the developer pushed {sha}")
                break

    def wait_until_quiet(self) -> None:
        """Nobody of this round runs any more, and the server has answered all that it was asked."""
        end, proxy = time.monotonic() + PATIENCE, self.arena.proxy
        while proxy.links or marked(f"{self.place.laid.folder}/"):
            assert time.monotonic() < end, "the server or a child of a run does not come to an end"
            time.sleep(0.03)
        proxy.weather = Weather()
        self.arena.hook(self.place, "pre-receive")
        self.say("quiet")

    def stop(self) -> None:
        """However a round ends, no child of it is left."""
        for pid in marked(f"{self.place.laid.folder}/"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.arena.proxy.weather = Weather()

    def told(self) -> str:
        """The whole story, in the order of time."""
        story = self.story + [
            (push.time, f"landed for {push.owner}: {push.moved}") for push in landed(self.place.laid.remote)
        ]
        return "\n".join([repr(self.round), *(f"{when - self.began:7.2f}  {text}" for when, text in sorted(story))])


def play(arena: Arena, drawn: Round, end: Mapping[bool, standing.Standing]) -> tuple[list[str], str]:
    """Play a round to its end; returns what was wrong, and the story."""
    with arena.place(forge=drawn.forge) as place:
        scene = Scene(arena=arena, round=drawn, place=place)
        scene.prepare()
        try:
            scene.all_at_once()
            found = [*_faults(scene, end[drawn.forge])]
            return found, scene.told()
        except BaseException as error:
            error.add_note(scene.told())
            raise
        finally:
            scene.stop()


def _faults(scene: Scene, end: standing.Standing) -> Iterator[str]:
    place = scene.place
    now, pushes = refs(place.laid.remote), landed(place.laid.remote)
    disturbed = bool(scene.round.pushes)
    yield from Witness(runs=scene.runs, pushes=pushes, refs=now, disturbed=disturbed).faults()
    found, wrong = state(now, scene.start["refs"])
    scene.say(f"this is {found}: {now}")
    yield from wrong
    if found == "none":
        untouched = {name: scene.start[name] for name in ("index", "forge")}
        yield from (f"nothing was released, but {line}" for line in differences(scene.outside(), untouched))
    yield from _finish(scene, found)
    yield from _sweep(scene)
    yield from _compare(scene, end)


def _finish(scene: Scene, found: str) -> Iterator[str]:
    """Do what is left to do: what the last run that could say something said, or what there is asks for."""
    if found == "complete":
        return
    where = scene.clones[-1]
    if scene.round.elsewhere or scene.commits:  # the others are behind develop
        where = scene.add_clone(scene.place.fresh_clone("elsewhere"))
    last = max((run for run in scene.runs if run.code >= 0), key=lambda run: run.ended, default=None)
    is_named = last is not None and "shipit release --resume" in last.said
    words = RESUME if found == "open" or is_named else scene.round.release
    ran = scene.run(*words, where=where)
    if ran.code or "is released and complete" not in ran.said:
        yield f"{' '.join(words)}, by itself, ended with {ran.code}"


def _sweep(scene: Scene) -> Iterator[str]:
    """What is left of runs that were killed is gone after one more run in their clone, which has nothing to do."""
    left = [clone for clone in scene.clones if standing.left_over(clone)]
    private = [clone for clone in scene.clones if standing.files(scene.place.state)]
    for clone in dict.fromkeys([*left, *private]):
        ran = scene.run("release", where=clone)
        if ran.code or "nothing to release" not in ran.said:
            yield f"a further release ended with {ran.code}"
    for clone, before in zip(scene.clones, scene.before, strict=True):
        yield from (f"left in {clone.name}: {name}" for name in standing.left_over(clone))
        wanted = {name: before[name] for name in HERE}
        yield from (f"{clone.name}: {line}" for line in differences(standing.of_clone(clone), wanted))
    yield from (f"left of a private clone: {name}" for name in standing.files(scene.place.state))
    ran = scene.run("verify", "release", TAG, where=scene.clones[0])
    if ran.code:
        yield f"verify ended with {ran.code}"


def _compare(scene: Scene, end: standing.Standing) -> Iterator[str]:
    """With a release that nothing interrupted; where somebody pushed meanwhile, the commits differ."""
    now = scene.outside()
    if not scene.commits:
        yield from differences(now, end)
        return
    yield from differences({"refs": [*now["refs"]]}, {"refs": [*end["refs"]]})
    for sha in scene.commits:
        if not _contains(scene, "develop", sha):
            yield f"{sha}, which a developer pushed, is lost"
    for branch in ("main", "develop"):
        if not _contains(scene, branch, TAG):
            yield f"{branch} does not contain {TAG}"
    if [*now["index"]] != [*end["index"]]:
        yield f"the index has {[*now['index']]}"


def _contains(scene: Scene, branch: str, commit_id: str) -> bool:
    remote = scene.place.laid.remote
    return not git(remote, "rev-list", "-1", f"{commit_id}^{{commit}}", "--not", branch)
