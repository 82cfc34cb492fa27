"""The third step of the register's schema: documents that arrive together are registered together.

For the host's migration, after `migration_emergency`: `add_together` in upgrade, `remove_together` in downgrade.

* `next_places` takes the place of `next_place`: it gives several numbers in a row, their instants one microsecond apart,
  never across midnight of the register's time zone. Between one giving and the next there are at least two microseconds,
  so the instants, which every leaf holds, tell which records share a signed head.
* The places given are filled by one INSERT. A trigger of the statement compares all its rows with the places given,
  each with its own, and appends their leaves to the tree at once. Fewer rows, more rows, other rows: refused; none at
  all: the place stays open, and the commit is refused.
* One signed head closes the whole giving.
"""

from sqlalchemy import Connection

from protocol_register.migration import (
    ADDED,
    NEXT_PLACE,
    TAKE_PLACE,
    trigger,
)
from protocol_register.tables import SCHEMA

LOCK_HEAD = TAKE_PLACE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "interval '1 microsecond'", "interval '2 microseconds'"
)

NEXT_PLACES = """
CREATE FUNCTION protocol_register.next_places(
    register_code text, how_many integer, OUT year integer, OUT number integer, OUT instant timestamptz,
    OUT log_index bigint, OUT frontier bytea[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head := protocol_register.lock_head(register_code);
    zone text := (SELECT r.time_zone FROM protocol_register.register r WHERE r.code = register_code);
    apart interval := (how_many - 1) * interval '1 microsecond';
BEGIN
    IF how_many IS NULL OR how_many < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'PR009', MESSAGE = 'Si prende almeno un posto.';
    END IF;
    instant := head.last_instant;
    IF (instant AT TIME ZONE zone)::date <> ((instant + apart) AT TIME ZONE zone)::date THEN
        instant := date_trunc('day', (instant + apart) AT TIME ZONE zone) AT TIME ZONE zone;
    END IF;
    year := extract(year FROM instant AT TIME ZONE zone)::integer;
    number := CASE WHEN year = head.year THEN head.last_number + 1 ELSE 1 END;
    log_index := head.tree_size;
    frontier := head.frontier;
    UPDATE protocol_register.register_head h
       SET year = next_places.year, last_number = number + how_many - 1, last_instant = instant + apart,
           open_place = 'entry', open_places = how_many
     WHERE h.register = register_code;
END $$
"""

GROW_TREE = r"""
CREATE FUNCTION protocol_register.grow_tree(head protocol_register.register_head, leaves bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    peaks bytea[] := head.frontier;
    leaf_index bigint := head.tree_size;
    current bytea;
    position bigint;
    height integer;
    heights integer[] := '{}';
    positions bigint[] := '{}';
    hashes bytea[] := '{}';
BEGIN
    FOREACH current IN ARRAY leaves LOOP
        height := 0;
        position := leaf_index;
        LOOP
            heights := array_append(heights, height);
            positions := array_append(positions, position);
            hashes := array_append(hashes, current);
            EXIT WHEN position & 1 = 0;
            current := sha256('\x01'::bytea || peaks[cardinality(peaks)] || current);
            peaks := trim_array(peaks, 1);
            position := position >> 1;
            height := height + 1;
        END LOOP;
        peaks := array_append(peaks, current);
        leaf_index := leaf_index + 1;
    END LOOP;
    INSERT INTO protocol_register.tree_node
    SELECT head.register, made.* FROM unnest(heights, positions, hashes) AS made;
    current := peaks[cardinality(peaks)];
    FOR place IN REVERSE cardinality(peaks) - 1 .. 1 LOOP
        current := sha256('\x01'::bytea || peaks[place] || current);
    END LOOP;
    UPDATE protocol_register.register_head h
       SET tree_size = leaf_index, root = current, frontier = peaks, open_place = NULL
     WHERE h.register = head.register;
END $$
"""

APPEND_ENTRIES = """
CREATE FUNCTION protocol_register.append_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    code text;
    head protocol_register.register_head;
    leaves bytea[];
    as_given boolean;
BEGIN
    FOR code IN SELECT DISTINCT a.register FROM added a ORDER BY a.register LOOP
        SELECT h.* INTO STRICT head FROM protocol_register.register_head h WHERE h.register = code FOR UPDATE;
        SELECT array_agg(each.leaf_hash ORDER BY each.place),
               bool_and(
                   each.log_index = head.tree_size + each.place - 1 AND each.year = head.year
                   AND each.number = head.last_number - head.open_places + each.place
                   AND each.instant = head.last_instant - (head.open_places - each.place) * interval '1 microsecond'
               )
          INTO leaves, as_given
          FROM (SELECT a.*, row_number() OVER (ORDER BY a.log_index) AS place FROM added a WHERE a.register = code) each;
        IF head.open_place IS DISTINCT FROM 'entry' OR cardinality(leaves) <> head.open_places OR NOT as_given THEN
            RAISE EXCEPTION USING ERRCODE = 'PR005',
                MESSAGE = 'Questo posto non è stato dato dal registro ' || code || '.';
        END IF;
        PERFORM protocol_register.grow_tree(head, leaves);
    END LOOP;
    RETURN NULL;
END $$
"""

ENTRIES_ADDED = (
    f"CREATE TRIGGER append_entries AFTER INSERT ON {SCHEMA}.entry REFERENCING NEW TABLE AS added "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.append_entries()"
)
NEW_FUNCTIONS = ("next_places(text, integer)", "append_entries()", f"grow_tree({SCHEMA}.register_head, bytea[])")


def add_together(connection: Connection, app_role: str) -> None:
    """Let `app_role` register many documents at once, and no longer one by one."""
    role = connection.dialect.identifier_preparer.quote(app_role)
    added = f"ALTER TABLE {SCHEMA}.register_head ADD COLUMN IF NOT EXISTS open_places integer NOT NULL DEFAULT 1"
    for statement in (
        added,
        f"DROP TRIGGER append_leaf ON {SCHEMA}.entry",
        f"DROP FUNCTION {SCHEMA}.next_place(text)",
        *(LOCK_HEAD, NEXT_PLACES, GROW_TREE, APPEND_ENTRIES, ENTRIES_ADDED),
        *(f"REVOKE ALL ON FUNCTION {SCHEMA}.{function} FROM PUBLIC" for function in NEW_FUNCTIONS),
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.next_places(text, integer) TO {role}",
    ):
        connection.exec_driver_sql(statement)


def remove_together(connection: Connection, app_role: str) -> None:
    """Go back to one registration at a time. What was registered together stays, under its one signed head."""
    role = connection.dialect.identifier_preparer.quote(app_role)
    for statement in (
        f"DROP TRIGGER append_entries ON {SCHEMA}.entry",
        *(f"DROP FUNCTION {SCHEMA}.{function}" for function in NEW_FUNCTIONS),
        TAKE_PLACE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        NEXT_PLACE,
        trigger("append_leaf", ADDED, "entry"),
        f"REVOKE ALL ON FUNCTION {SCHEMA}.next_place(text) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.next_place(text) TO {role}",
    ):
        connection.exec_driver_sql(statement)
