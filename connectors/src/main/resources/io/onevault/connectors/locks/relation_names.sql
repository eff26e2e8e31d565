-- What are the relations called that somebody waits for, or has locked beyond reading and writing?
--
-- Only those of this database have a name here.

SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (?);
