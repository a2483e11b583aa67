"""The part of the catalog query for what is no relation: types, functions, extensions and the like."""

_TYPES = r"""
SELECT 'type', format('%I.%I', s.nspname, t.typname), concat_ws(' ', t.typtype,
    (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e
      WHERE e.enumtypid = t.oid),
    CASE WHEN t.typtype = 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
      CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
      'collate ' || (SELECT o.named FROM sorting o WHERE o.oid = t.typcollation)) END,
    CASE WHEN t.typtype = 'b' THEN concat_ws(' ', t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin,
      t.typmodout, t.typanalyze, t.typlen, t.typalign, t.typstorage, t.typcategory, t.typdefault) END,
    (SELECT concat_ws(' ', format_type(r.rngsubtype, NULL), o.opcname,
      (SELECT c.named FROM sorting c WHERE c.oid = r.rngcollation),
      r.rngcanonical, r.rngsubdiff) FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc
      WHERE r.rngtypid = t.oid))
FROM pg_type t JOIN space s ON s.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r', 'b') AND NOT (t.typelem <> 0 AND t.typcategory = 'A')
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
UNION ALL
SELECT 'constraint', format('%I.%I.%I', s.nspname, t.typname, c.conname),
  concat_ws(' ', pg_get_constraintdef(c.oid), CASE WHEN NOT c.convalidated THEN 'not valid' END)
FROM pg_constraint c JOIN pg_type t ON t.oid = c.contypid JOIN space s ON s.oid = t.typnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
"""

_FUNCTIONS = r"""
SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
  p.oid::regprocedure::text, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE (
    SELECT concat_ws(' ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proparallel,
      format_type(a.aggtranstype, NULL), format_type(nullif(a.aggmtranstype, 0), NULL),
      nullif(a.aggsortop, 0)::regoperator,
      (to_jsonb(a) - '{aggfnoid,aggtranstype,aggmtranstype,aggsortop}'::text[])::text)
    FROM pg_aggregate a WHERE a.aggfnoid = p.oid) END
FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
    AND d.deptype = 'i')
"""

_OPERATORS = r"""
SELECT 'operator', o.oid::regoperator::text, concat_ws(' ', o.oprresult::regtype, o.oprcode, o.oprrest, o.oprjoin,
    o.oprcanmerge, o.oprcanhash, nullif(o.oprcom, 0)::regoperator, nullif(o.oprnegate, 0)::regoperator)
FROM pg_operator o JOIN space s ON s.oid = o.oprnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid)
UNION ALL
SELECT 'operator class', format('%I.%I using %I', s.nspname, o.opcname, a.amname), concat_ws(' ', f.opfname,
    o.opcintype::regtype, nullif(o.opckeytype, 0)::regtype, o.opcdefault)
FROM pg_opclass o JOIN space s ON s.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod
JOIN pg_opfamily f ON f.oid = o.opcfamily
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_opclass'::regclass AND m.objid = o.oid)
UNION ALL
SELECT 'operator family', format('%I.%I using %I', s.nspname, f.opfname, a.amname), concat_ws(' ',
    (SELECT string_agg(concat_ws(' ', o.amopstrategy, o.amoppurpose, o.amopopr::regoperator), ',' ORDER BY
      o.amopstrategy, o.amopopr::regoperator::text COLLATE "C") FROM pg_amop o WHERE o.amopfamily = f.oid),
    (SELECT string_agg(concat_ws(' ', o.amprocnum, o.amproc::regprocedure), ',' ORDER BY o.amprocnum,
      o.amproc::regprocedure::text COLLATE "C") FROM pg_amproc o WHERE o.amprocfamily = f.oid))
FROM pg_opfamily f JOIN space s ON s.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid)
UNION ALL
SELECT 'cast', format('%s as %s', c.castsource::regtype, c.casttarget::regtype), concat_ws(' ', c.castcontext,
    c.castmethod, nullif(c.castfunc, 0)::regprocedure)
FROM pg_cast c WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_cast'::regclass AND m.objid = c.oid)
"""

_WORDS = r"""
SELECT 'collation', format('%I.%I', s.nspname, c.collname), concat_ws(' ', c.collprovider, c.collisdeterministic,
    c.collencoding, c.collcollate, c.collctype, {collation})
FROM pg_collation c JOIN space s ON s.oid = c.collnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_collation'::regclass AND m.objid = c.oid)
UNION ALL
SELECT 'text search dictionary', format('%I.%I', s.nspname, d.dictname), concat_ws(' ', t.tmplname,
    d.dictinitoption)
FROM pg_ts_dict d JOIN space s ON s.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = d.oid)
UNION ALL
SELECT 'text search configuration', format('%I.%I', s.nspname, c.cfgname), concat_ws(' ', p.prsname,
    (SELECT string_agg(concat_ws(' ', w.maptokentype, w.mapseqno, w.mapdict::regdictionary), ',' ORDER BY
      w.maptokentype, w.mapseqno) FROM pg_ts_config_map w WHERE w.mapcfg = c.oid))
FROM pg_ts_config c JOIN space s ON s.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid)
UNION ALL
SELECT 'statistics', format('%I.%I', s.nspname, x.stxname), pg_get_statisticsobjdef(x.oid)
FROM pg_statistic_ext x JOIN space s ON s.oid = x.stxnamespace JOIN relation r ON r.oid = x.stxrelid
"""

_GLOBAL = r"""
SELECT 'extension', quote_ident(e.extname), concat_ws(' ', e.extversion, e.extnamespace::regnamespace)
FROM pg_extension e
UNION ALL
SELECT 'event trigger', quote_ident(e.evtname), concat_ws(' ', e.evtevent, e.evtfoid::regprocedure, e.evtenabled,
    e.evttags::text)
FROM pg_event_trigger e
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = e.oid)
UNION ALL
SELECT 'publication', quote_ident(p.pubname), concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,
    p.pubtruncate, to_jsonb(p) ->> 'pubviaroot',
    (SELECT string_agg(one, ',' ORDER BY one COLLATE "C") FROM ({published}) AS tables))
FROM pg_publication p
UNION ALL
SELECT 'foreign data wrapper', quote_ident(w.fdwname), concat_ws(' ', nullif(w.fdwhandler, 0)::regprocedure,
    nullif(w.fdwvalidator, 0)::regprocedure, w.fdwoptions::text)
FROM pg_foreign_data_wrapper w
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid)
UNION ALL
SELECT 'server', quote_ident(f.srvname), concat_ws(' ', w.fdwname, f.srvtype, f.srvversion, f.srvoptions::text)
FROM pg_foreign_server f JOIN pg_foreign_data_wrapper w ON w.oid = f.srvfdw
UNION ALL
SELECT 'language', quote_ident(l.lanname), concat_ws(' ', l.lanpltrusted, nullif(l.lanplcallfoid, 0)::regprocedure,
    nullif(l.laninline, 0)::regprocedure, nullif(l.lanvalidator, 0)::regprocedure)
FROM pg_language l WHERE l.oid >= 16384
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_language'::regclass AND m.objid = l.oid)
"""

BESIDE = (_TYPES, _FUNCTIONS, _OPERATORS, _WORDS, _GLOBAL)
