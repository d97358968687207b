-- What each process may do in Privacy Portal's database, and nothing else.
--
-- Run by a superuser (or the owner, if it may create roles) in the portal's database, after every `manage.py migrate`:
--     psql -d portal -f deploy/postgresql/roles.sql
-- It may be run again at any time, also while the portal runs. A table that it does not name is the owner's alone.
--
-- Four roles that nobody signs in as; logins.sql makes a login for each:
--     portal_web      web processes, and the commands of staff (create_brand, create_auth_token, doctor, verify_audit, …)
--     portal_worker   Celery workers
--     portal_sweep    the sweep: what a worker does, the audit seal, and what expires
--     portal_beat     beat: its heartbeat
-- The owner migrates, runs `manage.py check` once so that the check value of PORTAL_SUBJECT_KEY is written, and
-- `rebuild_preferences`.
--
-- Keys are identity columns, for which INSERT needs no right on a sequence. Foreign keys are checked by the owner.

BEGIN;

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['portal_web', 'portal_worker', 'portal_sweep', 'portal_beat'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO portal_web, portal_worker, portal_sweep, portal_beat', current_database()
    );
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_web, portal_worker, portal_sweep, portal_beat;
-- What an earlier version of this file granted is withdrawn, column grants too.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM portal_web, portal_worker, portal_sweep, portal_beat;

-- -- The ledger and the audit log: appended, never altered ----------------------------------------------------------

GRANT SELECT, INSERT ON consent_entry TO portal_web;
GRANT SELECT ON consent_entry TO portal_worker, portal_sweep;

GRANT SELECT, INSERT ON audit_entry TO portal_web, portal_worker, portal_sweep;
-- The sealer chains each entry within a second of its making. What was done, by whom and when it cannot touch.
GRANT UPDATE (position, previous, hash) ON audit_entry TO portal_sweep;
GRANT SELECT, INSERT, UPDATE ON audit_chainhead TO portal_sweep;
-- The chain says whether the database is older than the suppression marks beside it; then nothing is carried out.
GRANT SELECT ON audit_chainhead TO portal_web, portal_worker;

-- -- People -----------------------------------------------------------------------------------------------------------

-- A subject is never deleted: its keyed hash is the suppression mark. Nor is its hash ever changed.
GRANT SELECT, INSERT, UPDATE (user_id, suppressed, no_track, erased_at) ON subjects_subject TO portal_web;
GRANT SELECT, UPDATE (user_id, suppressed, no_track, erased_at) ON subjects_subject TO portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE (confirmed) ON subjects_link TO portal_web;
GRANT SELECT ON subjects_link TO portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE ON subjects_contactpoint TO portal_web;
GRANT SELECT, DELETE ON subjects_contactpoint TO portal_worker, portal_sweep;
-- Written once, by the owner: no host that starts with a wrong key can make it the right one.
GRANT SELECT ON subjects_keycheck TO portal_web, portal_worker, portal_sweep, portal_beat;

GRANT SELECT, INSERT, UPDATE ON consent_preference TO portal_web;
GRANT SELECT ON consent_preference TO portal_worker, portal_sweep;
GRANT SELECT, INSERT ON consent_evidence TO portal_web;
GRANT SELECT, DELETE ON consent_evidence TO portal_worker, portal_sweep;

GRANT SELECT, INSERT, UPDATE (revoked_at) ON preferences_preferencetoken TO portal_web;

-- -- Events -----------------------------------------------------------------------------------------------------------

-- DELETE for the web: a device linked to someone erased takes its earlier events with it when the link arrives.
GRANT SELECT, INSERT, DELETE, UPDATE (errors, status) ON tracking_event TO portal_web;
-- UPDATE: what became of an event that was forwarded, and the gate closing behind one that waited.
GRANT SELECT, DELETE, UPDATE (status, errors, drop_untracked, public, timestamp, subject_key, anonymous_key, body)
    ON tracking_event TO portal_worker, portal_sweep;
-- Its partitions, one for each month, are reached through it alone. Two functions of the owner's make and drop them.
GRANT EXECUTE ON FUNCTION tracking_make_partitions(), tracking_drop_partition(timestamptz) TO portal_sweep;
GRANT EXECUTE ON FUNCTION tracking_count_astray() TO portal_web;
GRANT SELECT, INSERT ON tracking_forwarding TO portal_web;
GRANT SELECT, UPDATE ON tracking_forwarding TO portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE ON tracking_message TO portal_web;
GRANT SELECT, DELETE ON tracking_message TO portal_sweep;

-- -- Work -------------------------------------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON upstream_identifyupdate TO portal_web, portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE ON upstream_pace TO portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE ON regulations_regulation, regulations_step TO portal_web;
GRANT SELECT, UPDATE ON regulations_regulation, regulations_step TO portal_worker, portal_sweep;
GRANT SELECT ON regulations_export TO portal_web;
GRANT SELECT, INSERT, UPDATE ON regulations_export TO portal_worker, portal_sweep;

GRANT SELECT ON durable_heartbeat, durable_failingchore TO portal_web;
GRANT SELECT, INSERT, DELETE ON durable_failingchore TO portal_sweep;
GRANT SELECT, INSERT, UPDATE ON durable_heartbeat TO portal_worker, portal_sweep, portal_beat;

GRANT SELECT, INSERT, DELETE ON rest_idempotencykey TO portal_web;
GRANT SELECT, DELETE ON rest_idempotencykey TO portal_sweep;

-- -- Brands, tokens, staff ----------------------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON brands_brand TO portal_web;
-- UPDATE of one column that no code changes lets a worker lock the row (SELECT … FOR UPDATE) and alter no setting.
GRANT SELECT, UPDATE (id) ON brands_brand TO portal_worker, portal_sweep;
-- A worker makes the token with which the portal posts identify updates to itself; it can revoke none.
GRANT SELECT, INSERT, UPDATE (revoked_at, last_used_at) ON brands_authtoken TO portal_web;
GRANT SELECT, INSERT, UPDATE (sealed) ON brands_authtoken TO portal_worker, portal_sweep;
GRANT SELECT, INSERT, UPDATE (revoked_at, last_used_at) ON brands_apitoken TO portal_web;
GRANT SELECT, INSERT ON brands_apitoken_brands TO portal_web;
GRANT SELECT, INSERT, UPDATE ON brands_staffrole, auth_user TO portal_web;
GRANT SELECT, INSERT, DELETE ON brands_staffrole_brands TO portal_web;
GRANT SELECT ON auth_group, auth_group_permissions, auth_permission, auth_user_groups, auth_user_user_permissions
    TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO portal_web;
GRANT SELECT ON django_content_type, django_migrations TO portal_web;

-- The owner's alone: django_admin_log (the console writes the audit log instead), processes_firststart (`manage.py up`).

COMMIT;

\ir log.sql
