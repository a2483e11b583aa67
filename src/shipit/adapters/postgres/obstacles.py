"""Why a database cannot be restored aside and swapped: rights, slots, settings, poolers."""

from shipit.adapters.postgres import fence, tools
from shipit.adapters.postgres.session import Session
from shipit.errors import Unavailable

_ELSEWHERE = """
SELECT datname FROM pg_database
WHERE datallowconn AND datname <> current_database() AND has_database_privilege(oid, 'CONNECT')
ORDER BY datname <> 'postgres', datname <> 'template1', datname LIMIT 4
"""
# In the order in which a person would solve them; each gives a row only where it applies
_OBSTACLES = """
SELECT format('the role %s may not create databases (CREATEDB)', current_user)
FROM pg_roles WHERE rolname = current_user AND NOT rolsuper AND NOT rolcreatedb
UNION ALL
SELECT format('the database belongs to %s, and %s is no member of that role',
  pg_get_userbyid(datdba), current_user)
FROM pg_database WHERE datname = current_database() AND NOT pg_has_role(datdba, 'USAGE')
UNION ALL
SELECT format('the replication slot %s is bound to this database', slot_name)
FROM pg_replication_slots WHERE database = current_database()
UNION ALL
SELECT format('the subscription %s would be lost', subname)
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
UNION ALL
SELECT format('the transaction %s is prepared and not finished', gid)
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT format('the role %s may not give the setting %s to a database', current_user, s.name)
FROM (SELECT split_part(unnest(s.setconfig), '=', 1) AS name
  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
  WHERE d.datname = current_database()) s
WHERE current_setting('is_superuser') <> 'on' AND {not_granted} AND NOT EXISTS (
  SELECT FROM pg_settings known WHERE lower(known.name) = lower(s.name) AND known.context = 'user')
"""
_NOT_GRANTED = "NOT has_parameter_privilege(s.name, 'SET')"
_FIRST_TO_GRANT = 150000


def first(session: Session) -> str:
    """The first obstacle in words, or nothing."""
    if session.pooled:
        return "a pooler stands between, and would not see that the databases were swapped"
    for problem in tools.problems(tools.find_tools(session.version), session.version):
        return f"{problem.what}: {problem.evidence}"
    not_granted = _NOT_GRANTED if session.version >= _FIRST_TO_GRANT else "true"
    for (what,) in session.ask(_OBSTACLES.replace("{not_granted}", not_granted)):
        return str(what)
    if who := fence.unendable(session, name_of(session)):
        return f"this role may not end the session with {who[0]}"
    return "" if _usable(session) else "no other database of the server lets this role in"


def name_of(session: Session) -> str:
    """The database as the server calls it: the address may leave it out."""
    [[name]] = session.ask("SELECT current_database()")
    return str(name)


def elsewhere(session: Session) -> Session:
    """A session in another database of the server: what is renamed may have nobody in it."""
    name = _usable(session)
    if name is None:
        raise Unavailable("no other database of the server lets this role in", where=str(session.address))
    return session.another(name)


def _usable(session: Session) -> str | None:
    return fence.usable(session, [name for (name,) in session.ask(_ELSEWHERE)])
