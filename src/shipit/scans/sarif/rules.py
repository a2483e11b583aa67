"""The rules of another tool's SARIF, with the texts, the level and the score that GitHub asks for."""

import re
from collections.abc import Iterable, Sequence
from typing import get_args

from shipit.scans.sarif import foreign
from shipit.scans.sarif.log import Configuration, Level, Rule, RuleProperties, Text

_QUOTED = re.compile(r":?\s*(?<!\w)['\"].*", re.DOTALL)
_SCORES = {"error": "8.0", "warning": "5.5", "note": "2.5", "none": "1.0"}
_ORDER: tuple[Level, ...] = get_args(Level)
_DEFAULT: Level = "warning"
SECURITY = "security"


def rules_of(run: foreign.Run, results: Iterable[foreign.Result], *, is_security: bool) -> tuple[Rule, ...]:
    """The rules that a run has and those that its results name, each once.

    Tools that are made for security get the tag, and rules with it a score by their level where they have none.
    """
    by_rule: dict[str, list[foreign.Result]] = {}
    for result in results:
        by_rule.setdefault(run.rule_id(result), []).append(result)
    known = {rule.id: rule for rule in run.rules()}
    names = dict.fromkeys((*known, *filter(None, by_rule)))
    return tuple(
        _rule(known.get(name, foreign.Rule(id=name)), by_rule.get(name, ()), is_security) for name in names
    )


def is_web(text: str) -> bool:
    """Whether a text is an address that a browser may be sent to."""
    return text.startswith(("https://", "http://"))


def words(rule: Rule) -> str:
    """What is said of a result: the rule's own text, the long one before the short one."""
    return rule.full_description.text


def _rule(rule: foreign.Rule, results: Sequence[foreign.Result], is_security: bool) -> Rule:
    level = _gravest(rule, results)
    own = tuple(tag for tag in dict.fromkeys(rule.properties.tags) if tag and tag != SECURITY)
    tags = (SECURITY, *own) if is_security or SECURITY in rule.properties.tags else own
    score = _score(rule.properties.security_severity) or (_SCORES[level] if SECURITY in tags else "")
    texts = [" ".join(text.split()) for text in _texts(rule, results)]
    text = next(filter(None, texts))
    return Rule(
        id=rule.id,
        name=rule.name if rule.name != rule.id else "",
        short_description=Text(texts[1] or text),
        full_description=Text(text),
        help=Text(rule.help.text.strip() or text),
        help_uri=rule.help_uri if is_web(rule.help_uri) else "",
        default_configuration=Configuration(level),
        properties=RuleProperties(tags=tags, precision=rule.properties.precision, security_severity=score),
    )


def _texts(rule: foreign.Rule, results: Sequence[foreign.Result]) -> tuple[str, ...]:
    """What a rule says of itself, the longest first; without any, what a result says, without quotes."""
    said = _QUOTED.sub("", results[0].message.text) if results else ""
    own = (rule.full_description.text, rule.short_description.text, rule.help.text)
    return (*own, said, rule.name.replace("_", " "), rule.id)


def _gravest(rule: foreign.Rule, results: Sequence[foreign.Result]) -> Level:
    """The level that a rule says; else the gravest of its results, else that of the standard."""
    own = rule.default_configuration.level
    levels = [own] if own else [result.level for result in results]
    known = [_ORDER.index(level) for level in _ORDER if level in levels]
    return _ORDER[max(known)] if known else _DEFAULT


def _score(value: str | float) -> str:
    """A score from 0.0 to 10.0 as text; empty for anything else."""
    try:
        score = float(value)
    except ValueError:
        return ""
    return f"{score:.1f}" if 0.0 < score <= 10.0 else ""
