"""What GitHub takes of a run: more than that is left out, the least grave first, and counted.

docs.github.com, "SARIF support for code scanning": limits of an upload.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from shipit.scans.sarif.log import CodeFlow, Level, Notification, Result, Rule, Run, RunProperties, Text, ThreadFlow

_ORDER = get_args(Level)


class Limits(Struct, frozen=True, kw_only=True):
    """How many of each; `size` is in bytes of a file after gzip, `text` in characters of a description.

    GitHub keeps no more than `shown` results of a run, and chooses by severity.
    """

    runs: int = 20
    results: int = 25_000
    shown: int = 5_000
    rules: int = 25_000
    locations: int = 1_000
    steps: int = 10_000
    tags: int = 20
    text: int = 1_000
    size: int = 10_000_000


def within(run: Run, limits: Limits) -> Run:
    """A run as GitHub takes it; what was left out is said in its properties and in a notification."""
    results, cuts = _gravest(run, limits.results), _Counts()
    kept = tuple(cuts.result(one, limits) for one in results)
    rules = _used_first(run.tool.driver.rules, kept)[: limits.rules]
    rules = tuple(cuts.rule(rule, limits) for rule in rules)
    left_out = (
        ("result", len(run.results) - len(kept)),
        ("rule", len(run.tool.driver.rules) - len(rules)),
        ("location", cuts.locations),
        ("step of a path through the code", cuts.steps),
        ("tag", cuts.tags),
        ("end of a text", cuts.texts),
    )
    driver = replace(run.tool.driver, rules=rules)
    changed = replace(run, results=kept, tool=replace(run.tool, driver=driver))
    words = [f"{_counted(many, noun)} left out" for noun, many in left_out if many]
    if len(kept) > limits.shown:
        words.append(f"GitHub keeps {limits.shown} of its {len(kept)} results, the gravest")
    return noted(changed, words)


def fewer(run: Run, most: int, limits: Limits) -> Run:
    """The same run with its gravest results alone, since a file with all of them would be too large."""
    kept = _gravest(run, most)
    left = len(run.results) - len(kept)
    why = f"{_counted(left, 'result')} left out, since the file would have more than {limits.size} bytes after gzip"
    return noted(replace(run, results=kept), [why])


def noted(run: Run, dropped: Sequence[str]) -> Run:
    """Add to what was left out of a run."""
    if not dropped:
        return run
    notes = tuple(Notification("warning", Text(one)) for one in dropped)
    first, *others = run.invocations
    first = replace(first, tool_execution_notifications=(*first.tool_execution_notifications, *notes))
    properties = RunProperties((*run.properties.dropped, *dropped))
    return replace(run, invocations=(first, *others), properties=properties)


def _gravest(run: Run, most: int) -> tuple[Result, ...]:
    """The gravest results, in the order in which they stood; those that are suppressed go first."""
    if len(run.results) <= most:
        return run.results
    scores = {rule.id: float(rule.properties.security_severity or 0) for rule in run.tool.driver.rules}

    def weight(place: int) -> tuple[bool, int, float]:
        one = run.results[place]
        return not one.suppressions, _ORDER.index(one.level), scores.get(one.rule_id, 0)

    places = sorted(range(len(run.results)), key=weight, reverse=True)[:most]
    return tuple(run.results[place] for place in sorted(places))


def _used_first(rules: Sequence[Rule], results: Iterable[Result]) -> tuple[Rule, ...]:
    used = {one.rule_id for one in results}
    return tuple(sorted(rules, key=lambda rule: rule.id not in used))


class _Counts:
    """Cuts results and rules, and counts what it has left out."""

    def __init__(self) -> None:
        self.locations = self.steps = self.tags = self.texts = 0

    def result(self, one: Result, limits: Limits) -> Result:
        shown, related = one.locations[: limits.locations], one.related_locations[: limits.locations]
        self.locations += len(one.locations) - len(shown) + len(one.related_locations) - len(related)
        flows = tuple(self._flows(one.code_flows, limits.steps))
        message = self._text(one.message, limits.text)
        return replace(one, locations=shown, related_locations=related, code_flows=flows, message=message)

    def _flows(self, flows: Sequence[CodeFlow], left: int) -> Iterator[CodeFlow]:
        """The first steps of all paths together."""
        for flow in flows:
            threads = []
            for thread in flow.thread_flows:
                steps = thread.locations[:left]
                self.steps += len(thread.locations) - len(steps)
                left -= len(steps)
                threads += [ThreadFlow(steps)] if steps else []
            if threads:
                yield CodeFlow(tuple(threads))

    def rule(self, rule: Rule, limits: Limits) -> Rule:
        tags = rule.properties.tags[: limits.tags]
        self.tags += len(rule.properties.tags) - len(tags)
        return replace(
            rule,
            short_description=self._text(rule.short_description, limits.text),
            full_description=self._text(rule.full_description, limits.text),
            properties=replace(rule.properties, tags=tags),
        )

    def _text(self, text: Text, most: int) -> Text:
        if len(text.text) <= most:
            return text
        self.texts += 1
        return Text(f"{text.text[: most - 1]}…")


def _counted(many: int, noun: str) -> str:
    first, _, rest = noun.partition(" of ")
    words = f"{first}s of {rest}" if rest else f"{first}s"
    return f"{many} {noun if many == 1 else words}"
