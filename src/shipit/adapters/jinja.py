"""Notes from somebody's own Jinja template; only imported where one is configured."""

from collections.abc import Mapping
from types import TracebackType

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from shipit.changelog import markdown
from shipit.errors import UsageError


def fill(source: str, name: str, data: Mapping[str, object]) -> str:
    """The template with these values, without blank lines around; `name` is its path, for messages.

    People's words come as they wrote them; the filter `markdown` makes them show as exactly these words. Raises
    UsageError with file and line for whatever goes wrong in it.
    """
    environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["markdown"] = markdown.line
    try:
        code = environment.compile(source, name, name)
        template = environment.template_class.from_code(environment, code, environment.make_globals(None))
        return template.render(data).strip()
    except TemplateSyntaxError as error:
        raise _broken(name, error.lineno, error) from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise _broken(name, _line(error.__traceback__, name), error) from None


def _broken(name: str, line: int, error: Exception) -> UsageError:
    return UsageError(
        "the template of the notes cannot be filled in",
        where=f"{name}:{line}",
        evidence=[str(error)],
        hint="`shipit changelog --json` shows the values that it gets",
    )


def _line(trace: TracebackType | None, name: str) -> int:
    """The line of the template where it happened; Jinja writes it into the traceback."""
    line = 1
    while trace:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
