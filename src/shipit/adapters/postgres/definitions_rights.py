"""The part of the catalog query for who owns what, who may what, and what is said about it."""

# A right never touched and one that was given and taken away again are the same: the default is written out
_RIGHTS = r"""
SELECT 'rights on ' || o.word, o.label, concat_ws(' ', pg_get_userbyid(o.owner),
    (SELECT string_agg(item::text, ',' ORDER BY item::text COLLATE "C") FROM unnest(coalesce(o.acl,
      acldefault(o.class::"char", o.owner))) item))
FROM (
  SELECT 'schema' AS word, quote_ident(s.nspname) AS label, s.nspowner AS owner, s.nspacl AS acl, 'n' AS class
  FROM space s
  UNION ALL
  SELECT r.word, r.label, r.relowner, r.relacl, CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END
  FROM relation r WHERE r.relkind NOT IN ('i', 'I', 'c')
  UNION ALL
  SELECT 'column', concat_ws('.', r.label, quote_ident(a.attname)), r.relowner, a.attacl, 'c'
  FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
  WHERE a.attacl IS NOT NULL AND a.attacl <> '{}'
  UNION ALL
  SELECT 'function', p.oid::regprocedure::text, p.proowner, p.proacl, 'f'
  FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
  WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  UNION ALL
  SELECT 'type', format('%I.%I', s.nspname, t.typname), t.typowner, t.typacl, 'T'
  FROM pg_type t JOIN space s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE (t.typrelid = 0 OR c.relkind = 'c') AND NOT (t.typelem <> 0 AND t.typcategory = 'A')
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
  UNION ALL
  SELECT 'foreign data wrapper', quote_ident(w.fdwname), w.fdwowner, w.fdwacl, 'F' FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT 'server', quote_ident(f.srvname), f.srvowner, f.srvacl, 'S' FROM pg_foreign_server f
  UNION ALL
  SELECT 'publication', quote_ident(p.pubname), p.pubowner, '{}'::aclitem[], 'r' FROM pg_publication p
  UNION ALL
  SELECT 'event trigger', quote_ident(e.evtname), e.evtowner, '{}'::aclitem[], 'r' FROM pg_event_trigger e
) o
UNION ALL
SELECT 'default rights', concat_ws(' ', quote_ident(pg_get_userbyid(d.defaclrole)), d.defaclobjtype,
    nullif(d.defaclnamespace, 0)::regnamespace),
  (SELECT string_agg(item::text, ',' ORDER BY item::text COLLATE "C") FROM unnest(d.defaclacl) item)
FROM pg_default_acl d
"""

_REMARKS = r"""
SELECT d.what, concat_ws(' ', i.type, i.identity), d.text
FROM (
  SELECT 'comment' AS what, classoid, objoid, objsubid, description AS text FROM pg_description
  UNION ALL
  SELECT 'label of ' || provider, classoid, objoid, objsubid, label FROM pg_seclabel
) d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM space))
  AND i.schema IS DISTINCT FROM 'shipit' AND (i.type, i.identity) IS DISTINCT FROM ('schema', 'shipit')
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = d.classoid AND m.objid = d.objoid)
"""

RIGHTS = (_RIGHTS, _REMARKS)
