-- What PostgreSQL writes into its own log about this database: that something went wrong, and not with which values.
--
-- A refused row, a deadlock or a statement that failed are else quoted with what they hold, and a log keeps that when
-- the person has long been erased. roles.sql runs this; only a superuser may, so others are told and nothing fails.

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET log_error_verbosity = ''terse''', current_database());
    EXECUTE format('ALTER DATABASE %I SET log_min_error_statement = ''panic''', current_database());
    EXECUTE format('ALTER DATABASE %I SET log_min_duration_statement = -1', current_database());
    EXECUTE format('ALTER DATABASE %I SET log_statement = ''none''', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'The server''s log may quote personal data: let a superuser run log.sql in this database';
END $$;
