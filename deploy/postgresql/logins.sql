-- One login for each role of roles.sql, with the password given; run again, it sets the passwords anew.
--     psql -d portal -v web="$WEB" -v worker="$WORKER" -v sweep="$SWEEP" -v beat="$BEAT" -f logins.sql
-- `-v prefix=portal_blue` names them portal_blue_web_login …, as for the second half of a change of passwords.

\set ON_ERROR_STOP on
\if :{?prefix}
\else
\set prefix portal
\endif

SELECT format('CREATE ROLE %I LOGIN IN ROLE %I', :'prefix' || '_' || name || '_login', 'portal_' || name)
FROM unnest(ARRAY['web', 'worker', 'sweep', 'beat']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'prefix' || '_' || name || '_login') \gexec

-- The passwords stay out of the server's log.
SET log_statement = 'none';
SELECT format('ALTER ROLE %I PASSWORD %L', :'prefix' || '_' || name || '_login', password)
FROM (VALUES ('web', :'web'), ('worker', :'worker'), ('sweep', :'sweep'), ('beat', :'beat')) AS given (name, password) \gexec
