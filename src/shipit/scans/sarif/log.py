"""The parts of SARIF 2.1.0 that shipit writes, as frozen values with the names of the standard."""

from typing import Literal

from msgspec import Struct, field

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SOURCE_ROOT = "%SRCROOT%"

Level = Literal["none", "note", "warning", "error"]


class Text(Struct, frozen=True):
    """A message; plain text alone, since Markdown would show pictures and links of whoever wrote it."""

    text: str


class ArtifactLocation(Struct, frozen=True, rename="camel"):
    """A file; `uri` is percent-encoded and relative to the top of the repository."""

    uri: str
    uri_base_id: str = SOURCE_ROOT


class Region(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Lines and columns, both from 1; 0 is not known, and is left out."""

    start_line: int = 0
    start_column: int = 0
    end_line: int = 0
    end_column: int = 0


class PhysicalLocation(Struct, frozen=True, rename="camel"):
    artifact_location: ArtifactLocation
    region: Region


class Location(Struct, frozen=True, rename="camel"):
    physical_location: PhysicalLocation


class ThreadFlowLocation(Struct, frozen=True):
    location: Location


class ThreadFlow(Struct, frozen=True):
    locations: tuple[ThreadFlowLocation, ...]


class CodeFlow(Struct, frozen=True, rename="camel"):
    thread_flows: tuple[ThreadFlow, ...]


class Suppression(Struct, frozen=True, omit_defaults=True):
    """Why a result does not count: `kind` is `external`, or `inSource` for a remark in the code."""

    kind: str
    justification: str = ""


class PartialFingerprints(Struct, frozen=True, rename="camel"):
    primary_location_line_hash: str


class Result(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    rule_id: str
    level: Level
    message: Text
    locations: tuple[Location, ...]
    suppressions: tuple[Suppression, ...] = ()
    partial_fingerprints: PartialFingerprints | None = None
    related_locations: tuple[Location, ...] = ()
    code_flows: tuple[CodeFlow, ...] = ()


class Configuration(Struct, frozen=True):
    level: Level


class RuleProperties(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What GitHub sorts rules by: `security_severity` is a number from 0.0 to 10.0, as text."""

    tags: tuple[str, ...] = ()
    precision: str = ""
    security_severity: str = field(default="", name="security-severity")


class Rule(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    id: str
    name: str = ""
    short_description: Text
    full_description: Text
    help: Text
    help_uri: str = ""
    default_configuration: Configuration
    properties: RuleProperties


class Driver(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    name: str
    version: str = ""
    information_uri: str = ""
    rules: tuple[Rule, ...]


class Tool(Struct, frozen=True):
    driver: Driver


class AutomationDetails(Struct, frozen=True):
    """`id` ends with `/`: all before it is the category, which GitHub keeps the alerts of apart by."""

    id: str


class Notification(Struct, frozen=True):
    level: Level
    message: Text


class Invocation(Struct, frozen=True, rename="camel"):
    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Base(Struct, frozen=True):
    description: Text


class BaseIds(Struct, frozen=True):
    source_root: Base = field(name=SOURCE_ROOT)


class RunProperties(Struct, frozen=True, omit_defaults=True):
    """What limits took away, in words; empty where the run is whole."""

    dropped: tuple[str, ...] = ()


class Run(Struct, frozen=True, kw_only=True, rename="camel"):
    tool: Tool
    automation_details: AutomationDetails
    invocations: tuple[Invocation, ...]
    results: tuple[Result, ...]
    original_uri_base_ids: BaseIds = BaseIds(Base(Text("The top of the repository.")))
    properties: RunProperties = RunProperties()

    @property
    def looked(self) -> bool:
        """Whether its results are all there are."""
        return all(one.execution_successful for one in self.invocations)


class Log(Struct, frozen=True, kw_only=True):
    schema: str = field(default=SCHEMA, name="$schema")
    version: str = "2.1.0"
    runs: tuple[Run, ...]
