"""The register's schema, for the host's migration: `create_schema` in upgrade, `drop_schema` in downgrade.

It is the first step; `migration_emergency` is the second, `migration_together` the third,
`migration_search` the fourth. A step once taken somewhere is
never changed.

Who may do what is decided here, in the database, and not only in Python.

* The service's role reads everything and only inserts into `entry`, `annulment`, `classification` and `checkpoint`.
  Creating a register, resuming its numbering and wiping a rehearsal are the owner's.
* `next_place` is the only way to a number. It locks the register's head until the transaction ends, so registrations
  stand in one line; the number restarts each solar year of the register's time zone; the instant is the clock's, or
  one microsecond after the last when the clock stepped back. It marks the place as open; the insertion of the record
  closes it, and appends the leaf to the tree in the same step. A deferred constraint refuses to commit an open place
  or an unsigned head, and a rollback gives the place back: hence no gap, and no number without its receipt.
* Moving the head and inserting are two statements, and not one function with a column list of its own, so that the
  caller can compute the leaf (canonical JSON, which PostgreSQL cannot make) from the number and instant it was given.
* Triggers refuse every UPDATE, DELETE and TRUNCATE of what only grows: the second fence, which binds the owner too
  until it is taken down on purpose. `verification` finds what was changed behind it.
* Every SECURITY DEFINER function has a fixed search path.
"""

from sqlalchemy import Connection

from protocol_register.tables import SCHEMA, metadata

GROWING = ("entry", "annulment", "resumption", "classification", "checkpoint", "tree_node", "register")
FIRST_TABLES = (*GROWING, "register_head")
INSERTED_BY_SERVICE = ("entry", "annulment", "classification", "checkpoint")
FUNCTIONS_OF_SERVICE = ("next_place(text)", "next_act(text, text)")

REFUSE_CHANGE = """
CREATE FUNCTION protocol_register.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    row_register text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        row_register := coalesce(to_jsonb(OLD) ->> 'register', to_jsonb(OLD) ->> 'code');
        IF current_setting('protocol_register.wiping', true) = row_register AND EXISTS (
            SELECT 1 FROM protocol_register.register r WHERE r.code = row_register AND r.kind = 'rehearsal'
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'PR001',
        MESSAGE = 'Il registro di protocollo non si modifica: ' || TG_OP || ' su ' || TG_TABLE_NAME || ' rifiutato.',
        HINT = 'Una registrazione errata si annulla con un atto (DPR 445/2000, art. 54).';
END $$
"""

TAKE_PLACE = """
CREATE FUNCTION protocol_register.lock_head(register_code text) RETURNS protocol_register.register_head
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head;
BEGIN
    SELECT h.* INTO head FROM protocol_register.register_head h WHERE h.register = register_code FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'PR002', MESSAGE = 'Il registro ' || register_code || ' non esiste.';
    END IF;
    IF head.open_place IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'PR003',
            MESSAGE = 'Il posto preso nel registro ' || register_code || ' va riempito prima di prenderne un altro.';
    END IF;
    head.last_instant := greatest(clock_timestamp(), head.last_instant + interval '1 microsecond');
    RETURN head;
END $$
"""

NEXT_PLACE = """
CREATE FUNCTION protocol_register.next_place(
    register_code text, OUT year integer, OUT number integer, OUT instant timestamptz, OUT log_index bigint,
    OUT frontier bytea[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head := protocol_register.lock_head(register_code);
    zone text := (SELECT r.time_zone FROM protocol_register.register r WHERE r.code = register_code);
BEGIN
    year := extract(year FROM head.last_instant AT TIME ZONE zone)::integer;
    number := CASE WHEN year = head.year THEN head.last_number + 1 ELSE 1 END;
    instant := head.last_instant;
    log_index := head.tree_size;
    frontier := head.frontier;
    UPDATE protocol_register.register_head h
       SET year = next_place.year, last_number = number, last_instant = instant, open_place = 'entry'
     WHERE h.register = register_code;
END $$
"""

NEXT_ACT = """
CREATE FUNCTION protocol_register.next_act(
    register_code text, act_table text, OUT instant timestamptz, OUT log_index bigint, OUT frontier bytea[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head := protocol_register.lock_head(register_code);
BEGIN
    IF act_table NOT IN ('annulment', 'resumption') THEN
        RAISE EXCEPTION USING ERRCODE = 'PR004', MESSAGE = 'Atto sconosciuto: ' || act_table;
    END IF;
    instant := head.last_instant;
    log_index := head.tree_size;
    frontier := head.frontier;
    UPDATE protocol_register.register_head h
       SET last_instant = instant, open_place = act_table
     WHERE h.register = register_code;
END $$
"""

APPEND_LEAF = r"""
CREATE FUNCTION protocol_register.append_leaf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head;
    peaks bytea[];
    current bytea := NEW.leaf_hash;
    position bigint := NEW.log_index;
    height integer := 0;
BEGIN
    SELECT h.* INTO STRICT head FROM protocol_register.register_head h WHERE h.register = NEW.register FOR UPDATE;
    IF head.open_place IS DISTINCT FROM TG_TABLE_NAME OR NEW.log_index <> head.tree_size
            OR NEW.instant <> head.last_instant THEN
        RAISE EXCEPTION USING ERRCODE = 'PR005',
            MESSAGE = 'Questo posto non è stato dato dal registro ' || NEW.register || '.';
    END IF;
    IF TG_TABLE_NAME = 'entry' THEN
        IF NEW.year <> head.year OR NEW.number <> head.last_number THEN
            RAISE EXCEPTION USING ERRCODE = 'PR005',
                MESSAGE = 'Il numero ' || NEW.number || '/' || NEW.year || ' non è stato dato dal registro.';
        END IF;
    ELSIF TG_TABLE_NAME = 'resumption' THEN
        IF (NEW.year, NEW.after) <= (head.year, head.last_number) THEN
            RAISE EXCEPTION USING ERRCODE = 'PR005', MESSAGE = 'La ripresa torna indietro.';
        END IF;
        head.year := NEW.year;
        head.last_number := NEW.after;
    END IF;
    peaks := head.frontier;
    INSERT INTO protocol_register.tree_node VALUES (NEW.register, height, position, current);
    WHILE position & 1 = 1 LOOP
        current := sha256('\x01'::bytea || peaks[cardinality(peaks)] || current);
        peaks := trim_array(peaks, 1);
        position := position >> 1;
        height := height + 1;
        INSERT INTO protocol_register.tree_node VALUES (NEW.register, height, position, current);
    END LOOP;
    peaks := array_append(peaks, current);
    current := peaks[cardinality(peaks)];
    FOR place IN REVERSE cardinality(peaks) - 1 .. 1 LOOP
        current := sha256('\x01'::bytea || peaks[place] || current);
    END LOOP;
    UPDATE protocol_register.register_head h
       SET tree_size = head.tree_size + 1, root = current, frontier = peaks, open_place = NULL,
           year = head.year, last_number = head.last_number
     WHERE h.register = NEW.register;
    RETURN NULL;
END $$
"""

REFUSE_UNFINISHED = """
CREATE FUNCTION protocol_register.refuse_unfinished() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head protocol_register.register_head;
BEGIN
    SELECT h.* INTO head FROM protocol_register.register_head h WHERE h.register = NEW.register;
    IF head.open_place IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'PR006', MESSAGE =
            'Un numero preso nel registro ' || NEW.register || ' è rimasto senza registrazione: nulla è salvato.';
    END IF;
    IF head.tree_size > 0 AND NOT EXISTS (
        SELECT 1 FROM protocol_register.checkpoint c WHERE c.register = NEW.register AND c.size = head.tree_size
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'PR008', MESSAGE =
            'Lo stato del registro ' || NEW.register || ' è rimasto senza sigillo: nulla è salvato.';
    END IF;
    RETURN NULL;
END $$
"""

CHECK_CHECKPOINT = """
CREATE FUNCTION protocol_register.check_checkpoint() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM protocol_register.register_head h
         WHERE h.register = NEW.register AND h.tree_size = NEW.size AND h.root = NEW.root AND h.open_place IS NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'PR007',
            MESSAGE = 'Il sigillo non corrisponde alla testa del registro ' || NEW.register || '.';
    END IF;
    RETURN NULL;
END $$
"""

STAMP_CLASSIFICATION = """
CREATE FUNCTION protocol_register.stamp_classification() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.instant := clock_timestamp();
    RETURN NEW;
END $$
"""

FUNCTIONS = (
    REFUSE_CHANGE,
    TAKE_PLACE,
    NEXT_PLACE,
    NEXT_ACT,
    APPEND_LEAF,
    REFUSE_UNFINISHED,
    CHECK_CHECKPOINT,
    STAMP_CLASSIFICATION,
)


def trigger(name: str, event: str, table: str, each: str = "ROW") -> str:
    """The statement that puts a trigger function of the schema on one of its tables."""
    return f"CREATE {event.format(name=name, table=f'{SCHEMA}.{table}')} FOR EACH {each} EXECUTE FUNCTION {SCHEMA}.{name}()"


CHANGED = "TRIGGER {name} BEFORE UPDATE OR DELETE ON {table}"
EMPTIED = "TRIGGER {name}_of_all BEFORE TRUNCATE ON {table}"
ADDING = "TRIGGER {name} BEFORE INSERT ON {table}"
ADDED = "TRIGGER {name} AFTER INSERT ON {table}"
AT_COMMIT = "CONSTRAINT TRIGGER {name} AFTER UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED"

TRIGGERS = (
    *(trigger("refuse_change", CHANGED, table) for table in GROWING),
    *(trigger("refuse_change", EMPTIED, table, "STATEMENT") for table in GROWING),
    *(trigger("append_leaf", ADDED, table) for table in ("entry", "annulment", "resumption")),
    trigger("refuse_unfinished", AT_COMMIT, "register_head"),
    trigger("check_checkpoint", ADDED, "checkpoint"),
    trigger("stamp_classification", ADDING, "classification"),
)


def create_schema(connection: Connection, app_role: str) -> None:
    """Create the whole schema and grant `app_role`, an existing role, what the service needs and no more.

    Run it as the owner, inside the migration's transaction. Raises SQLAlchemy's ProgrammingError when the schema
    exists or the role does not.
    """
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    metadata.create_all(
        connection, tables=[metadata.tables[f"{SCHEMA}.{name}"] for name in FIRST_TABLES], checkfirst=False
    )
    connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.register_head SET (fillfactor = 10)")
    for statement in (*FUNCTIONS, *TRIGGERS, *_grants(connection, app_role)):
        connection.exec_driver_sql(statement)


def drop_schema(connection: Connection) -> None:
    """Remove the schema with all its registers: only for a downgrade that is meant. Run it as the owner."""
    connection.exec_driver_sql(f"SET CONSTRAINTS {SCHEMA}.refuse_unfinished IMMEDIATE")
    connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")


def _grants(connection: Connection, app_role: str) -> tuple[str, ...]:
    role = connection.dialect.identifier_preparer.quote(app_role)
    inserted = ", ".join(f"{SCHEMA}.{table}" for table in INSERTED_BY_SERVICE)
    functions = ", ".join(f"{SCHEMA}.{function}" for function in FUNCTIONS_OF_SERVICE)
    return (
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {role}",
        f"GRANT INSERT ON {inserted} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {role}",
        f"GRANT EXECUTE ON FUNCTION {functions} TO {role}",
    )
