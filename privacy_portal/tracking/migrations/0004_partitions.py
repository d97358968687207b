"""On PostgreSQL, `tracking_event` becomes a table in parts, one for each month of receipt (docs/scaling.md).

The month is read off the event id, a UUIDv7, so ids stay unique, and a look-up by one goes to one part. What is there
already stays in place as the part that ends with this month; it is read through once. `id` is a plain column with an
index of its own there: a primary key would have to hold the event id as well.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Nobody but the owner may make or drop a table, so the sweep calls two functions that run with the owner's rights. They
# lock the table for a moment. Where someone else holds it they give up after 50 ms, for who comes after them waits as
# long as they do; they are called again within the hour.
DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET lock_timeout = '50ms'"
OWN = "LANGUAGE plpgsql SET search_path = {schema}, pg_temp"

FIRST_ID = """
CREATE FUNCTION tracking_first_id(moment timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$
"""

# ATTACH and PARTITION OF make indexes and keys; that no samples are kept of a column is copied by neither.
NEW_TABLE = f"""
CREATE FUNCTION tracking_new_table(name text, of regclass) RETURNS void {OWN} AS $$
DECLARE
    unsampled text;
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, of)
        || CASE WHEN name = 'tracking_event' THEN ' PARTITION BY RANGE (event_id)' ELSE '' END;
    FOR unsampled IN SELECT attname FROM pg_attribute WHERE attrelid = of AND attnum > 0 AND attstattarget = 0 LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STATISTICS 0', name, unsampled);
    END LOOP;
END $$
"""

# What came for a month that had no part yet (a host's clock was ahead, or no sweep ran for months) lies in the default
# one. A few rows are taken along; many stay, since moving them would hold up those who store.
MAKE = f"""
CREATE FUNCTION tracking_make_partitions() RETURNS void {DEFINER} AS $$
DECLARE
    month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    until CONSTANT timestamp := month + interval '2 months';
    low uuid;
    high uuid;
    name text;
    astray bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock({0x5050}, 0) THEN
        RETURN;
    END IF;
    WHILE month <= until LOOP
        name := 'tracking_event_' || to_char(month, 'YYYY_MM');
        low := tracking_first_id(month);
        month := month + interval '1 month';
        high := tracking_first_id(month);
        SELECT count(*) INTO astray
            FROM (SELECT FROM tracking_event_default WHERE event_id >= low AND event_id < high LIMIT 1001) AS few;
        CONTINUE WHEN to_regclass(name) IS NOT NULL OR astray > 1000;
        LOCK TABLE tracking_event_default IN SHARE ROW EXCLUSIVE MODE;
        PERFORM tracking_new_table(name, 'tracking_event');
        EXECUTE format('WITH astray AS (DELETE FROM tracking_event_default WHERE event_id >= %L AND event_id < %L'
            ' RETURNING *) INSERT INTO %I SELECT * FROM astray', low, high, name);
        EXECUTE format('ALTER TABLE tracking_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    END LOOP;
END $$
"""

# One part at a time, so that the lock is short. A month that has just ended may still get a late row.
DROP = f"""
CREATE FUNCTION tracking_drop_partition(keep_from timestamptz) RETURNS text {DEFINER} AS $$
DECLARE
    name text;
    ends_at timestamptz;
    is_wanted boolean;
BEGIN
    FOR name IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'tracking_event'::regclass AND relname ~ '^tracking_event_[0-9]{{{{4}}}}_[0-9]{{{{2}}}}$'
        ORDER BY relname
    LOOP
        ends_at := (to_date(right(name, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC';
        EXIT WHEN ends_at > now() - interval '1 day';
        is_wanted := keep_from IS NULL OR ends_at > keep_from;
        IF is_wanted THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_wanted;
        END IF;
        CONTINUE WHEN is_wanted;
        EXECUTE format('DROP TABLE %I', name);
        RETURN name;
    END LOOP;
    RETURN NULL;
END $$
"""

COUNT = f"""
CREATE FUNCTION tracking_count_astray() RETURNS bigint {DEFINER} AS $$
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM tracking_event_default LIMIT 1000000) AS few);
END $$
"""

CONVERT = """
DO $$
DECLARE
    month CONSTANT timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    next_month CONSTANT uuid := tracking_first_id(month + interval '1 month');
    before CONSTANT text := 'tracking_event_' || to_char(month, 'YYYY_MM');
    numbers CONSTANT regclass := pg_get_serial_sequence('tracking_event', 'id');
    next_id CONSTANT bigint := coalesce(pg_sequence_last_value(numbers), 0) + 1;
    indexes text[];
    foreign_keys text[];
    name text;
    definition text;
BEGIN
    SELECT array_agg(pg_get_indexdef(indexrelid)) INTO indexes
        FROM pg_index WHERE indrelid = 'tracking_event'::regclass AND NOT indisunique;
    SELECT array_agg(format('ALTER TABLE tracking_event ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)))
        INTO foreign_keys FROM pg_constraint WHERE conrelid = 'tracking_event'::regclass AND contype = 'f';

    -- What is there steps aside, with the names of its indexes. A constraint that partitions inherit is more than
    -- `pg_restore --clean` can drop, so an index alone keeps event ids unique.
    ALTER TABLE tracking_event DROP CONSTRAINT tracking_event_pkey, DROP CONSTRAINT tracking_event_event_id_key;
    ALTER TABLE tracking_event ALTER COLUMN id DROP IDENTITY;
    EXECUTE format('ALTER TABLE tracking_event RENAME TO %I', before);
    FOR name IN SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = before::regclass
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', name, before || '_' || name);
    END LOOP;

    PERFORM tracking_new_table('tracking_event', before);
    EXECUTE format('ALTER TABLE tracking_event ALTER COLUMN id'
        ' ADD GENERATED BY DEFAULT AS IDENTITY (START WITH %s)', next_id);
    CREATE UNIQUE INDEX tracking_event_event_id_key ON tracking_event (event_id);
    CREATE INDEX event_number ON tracking_event (id);
    FOREACH definition IN ARRAY indexes || foreign_keys LOOP
        EXECUTE definition;
    END LOOP;
    PERFORM tracking_new_table('tracking_event_default', 'tracking_event');
    ALTER TABLE tracking_event ATTACH PARTITION tracking_event_default DEFAULT;

    EXECUTE format('WITH ahead AS (DELETE FROM %I WHERE event_id >= %L RETURNING *)'
        ' INSERT INTO tracking_event SELECT * FROM ahead', before, next_month);
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE format('SELECT CASE WHEN EXISTS (SELECT FROM %I) THEN ''MINVALUE'' END', before) INTO definition;
    IF definition IS NULL THEN
        EXECUTE format('DROP TABLE %I', before);
    ELSE
        EXECUTE format('ALTER TABLE tracking_event ATTACH PARTITION %I'
            ' FOR VALUES FROM (MINVALUE) TO (%L)', before, next_month);
    END IF;
    PERFORM tracking_make_partitions();
END $$
"""


def divide(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
    for statement in (FIRST_ID, NEW_TABLE, MAKE, DROP, COUNT):
        editor.execute(statement.format(schema=schema), params=None)
    editor.execute(
        "REVOKE ALL ON FUNCTION tracking_make_partitions(), tracking_drop_partition(timestamptz), tracking_count_astray() "
        "FROM PUBLIC"
    )
    editor.execute(CONVERT, params=None)


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_forwarding")]

    operations = [migrations.RunPython(divide, elidable=False)]
