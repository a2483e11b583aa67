"""SARIF as other tools write it, read as far as shipit passes it on: no snippet, no property of a tool's own."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct, field

_NO_LEVEL = ""


class Message(Struct, frozen=True):
    text: str = ""


class ArtifactLocation(Struct, frozen=True, rename="camel"):
    uri: str = ""
    uri_base_id: str = ""
    index: int = -1


class Region(Struct, frozen=True, kw_only=True, rename="camel"):
    start_line: int = 0
    start_column: int | None = None
    end_line: int = 0
    end_column: int | None = None


class PhysicalLocation(Struct, frozen=True, rename="camel"):
    artifact_location: ArtifactLocation = ArtifactLocation()
    region: Region = Region()


class Location(Struct, frozen=True, rename="camel"):
    physical_location: PhysicalLocation | None = None


class ThreadFlowLocation(Struct, frozen=True):
    location: Location = Location()


class ThreadFlow(Struct, frozen=True):
    locations: tuple[ThreadFlowLocation, ...] = ()


class CodeFlow(Struct, frozen=True, rename="camel"):
    thread_flows: tuple[ThreadFlow, ...] = ()


class Suppression(Struct, frozen=True):
    kind: str = "external"
    status: str = "accepted"
    justification: str = ""


class Reference(Struct, frozen=True):
    """The index of a part among others; -1 where it is not said."""

    index: int = -1


class RuleReference(Struct, frozen=True, rename="camel"):
    id: str = ""
    index: int = -1
    tool_component: Reference = Reference()


class Result(Struct, frozen=True, kw_only=True, rename="camel"):
    rule_id: str = ""
    rule_index: int = -1
    rule: RuleReference = RuleReference()
    kind: str = "fail"
    level: str = _NO_LEVEL
    baseline_state: str = ""
    message: Message = Message()
    locations: tuple[Location, ...] = ()
    related_locations: tuple[Location, ...] = ()
    code_flows: tuple[CodeFlow, ...] = ()
    suppressions: tuple[Suppression, ...] | None = ()


class Configuration(Struct, frozen=True):
    level: str = _NO_LEVEL


class RuleProperties(Struct, frozen=True):
    tags: tuple[str, ...] = ()
    precision: str = ""
    security_severity: str | float = field(default="", name="security-severity")


class Rule(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    name: str = ""
    short_description: Message = Message()
    full_description: Message = Message()
    help: Message = Message()
    help_uri: str = ""
    default_configuration: Configuration = Configuration()
    properties: RuleProperties = RuleProperties()


class Component(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    version: str = ""
    semantic_version: str = ""
    information_uri: str = ""
    rules: tuple[Rule, ...] = ()


class Tool(Struct, frozen=True):
    driver: Component
    extensions: tuple[Component, ...] = ()


class Notification(Struct, frozen=True):
    level: str = "warning"


class Invocation(Struct, frozen=True, rename="camel"):
    execution_successful: bool = True
    tool_execution_notifications: tuple[Notification, ...] = ()
    tool_configuration_notifications: tuple[Notification, ...] = ()

    @property
    def errors(self) -> int:
        """How many errors it reports, in both of its lists."""
        every = (*self.tool_execution_notifications, *self.tool_configuration_notifications)
        return sum(one.level == "error" for one in every)


class Artifact(Struct, frozen=True):
    location: ArtifactLocation = ArtifactLocation()


class AutomationDetails(Struct, frozen=True):
    id: str = ""


class Run(Struct, frozen=True, kw_only=True, rename="camel"):
    tool: Tool
    results: tuple[Result, ...] | None = ()
    artifacts: tuple[Artifact, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    original_uri_base_ids: Mapping[str, ArtifactLocation] = field(default_factory=dict)
    automation_details: AutomationDetails = AutomationDetails()

    def rules(self) -> Iterator[Rule]:
        """All rules, those of packages of rules included."""
        for component in (self.tool.driver, *self.tool.extensions):
            yield from component.rules

    def rule_id(self, result: Result) -> str:
        """The rule of a result, by its name or by its place in a list of rules; empty if it says neither."""
        if name := result.rule_id or result.rule.id:
            return name
        index, part = max(result.rule_index, result.rule.index), result.rule.tool_component.index
        components = (self.tool.driver, *self.tool.extensions)
        rules = components[part + 1].rules if 0 <= part + 1 < len(components) else ()
        return rules[index].id if 0 <= index < len(rules) else ""


class _Log(Struct, frozen=True):
    version: str
    runs: tuple[Run, ...]


def read(data: bytes) -> tuple[Run, ...]:
    """The runs of a SARIF 2.1.0 text; raises ValueError, without a word of the text, for anything else."""
    try:
        log = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Log)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("it is no SARIF 2.1.0") from None
    if log.version != "2.1.0":
        raise ValueError("it is no SARIF 2.1.0")
    return log.runs
