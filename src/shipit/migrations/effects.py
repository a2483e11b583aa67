"""What a sub-command of ALTER TABLE does to the rows that are there: reads them all, or writes them all anew."""

from collections.abc import Callable

from shipit.migrations import tree
from shipit.migrations.tree import Fields

Question = Callable[[str, Fields], bool]

_SERIAL = frozenset({"serial", "serial2", "serial4", "serial8", "smallserial", "bigserial"})
_REWRITES = frozenset({"AlterColumnType", "SetLogged", "SetUnLogged", "SetAccessMethod", "SetTableSpace"})
_CHECKED = frozenset({"CONSTR_CHECK", "CONSTR_FOREIGN", "CONSTR_NOTNULL"})
_INDEXED = frozenset({"CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION"})
# a new column is empty or full: NOT NULL needs no look at the rows
_READ = (_CHECKED | _INDEXED) - {"CONSTR_NOTNULL"}
# functions of PostgreSQL that give the same answer within a statement: one value serves every row
STEADY = frozenset(
    """now transaction_timestamp statement_timestamp current_setting lower upper concat concat_ws format length
    to_timestamp to_date to_char date_trunc make_date make_interval make_timestamp make_timestamptz timezone age
    array_fill array_append md5 encode decode convert_to convert_from sha256 repeat trim btrim abs round floor ceil
    json_build_object json_build_array jsonb_build_object jsonb_build_array to_json to_jsonb
    int4range int8range numrange tsrange tstzrange daterange current_database current_schema
    pg_get_serial_sequence coalesce""".split()  # noqa: SIM905 - a text is easier to read
)


def number_generator(column: Fields) -> bool:
    """Whether each row is given a number of its own: serial, or an identity."""
    return tree.type_name(column) in _SERIAL or tree.constraint(column, "CONSTR_IDENTITY") is not None


def volatile_default(column: Fields) -> bool:
    """Whether the default may differ from row to row; a function that is not known is taken for such."""
    default = tree.constraint(column, "CONSTR_DEFAULT")
    calls = (inside for key, inside in tree.walk(default) if key == "FuncCall")
    return any(tree.strings(call["funcname"])[-1] not in STEADY for call in calls)


def stored_expression(column: Fields) -> bool:
    generated = tree.constraint(column, "CONSTR_GENERATED")
    return generated is not None and generated.get("generated_kind") != "v"


def rewrites(name: str, command: Fields) -> bool:
    if name == "AddColumn":
        column = tree.definition(command, "ColumnDef")
        return number_generator(column) or volatile_default(column) or stored_expression(column)
    return name in _REWRITES


def scans(name: str, command: Fields) -> bool:
    """Whether every row is read; SET NOT NULL counts, although a proven check constraint would spare it."""
    if name == "AddConstraint":
        return checks(tree.definition(command, "Constraint"))
    if name == "AddColumn":
        column = tree.definition(command, "ColumnDef")
        return any(each.get("contype") in _READ for each in tree.constraints(column))
    return name in {"SetNotNull", "ValidateConstraint", "AttachPartition"}


def checks(constraint: Fields) -> bool:
    """Whether adding the constraint reads every row, or builds an index."""
    kind = constraint.get("contype")
    if kind in _CHECKED:
        return not constraint.get("skip_validation") and constraint.get("is_enforced", True)
    return kind in _INDEXED and not constraint.get("indexname")
