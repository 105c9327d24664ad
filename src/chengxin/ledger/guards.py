"""Append-only, enforced by the database: triggers that refuse what the sealed tables must never see."""

from __future__ import annotations

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION ledger_keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY TG_ARGV LOOP
        IF (to_jsonb(OLD) -> kept) IS DISTINCT FROM (to_jsonb(NEW) -> kept) THEN
            RAISE EXCEPTION '%.% is sealed', TG_TABLE_NAME, kept
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE FUNCTION ledger_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.level <> OLD.level OR NEW.index <> OLD.index OR length(NEW.hashes) < length(OLD.hashes)
       OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'a tile only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP_FUNCTIONS = "DROP FUNCTION ledger_refuse, ledger_keep_columns, ledger_only_grow CASCADE;"


def functions() -> migrations.RunSQL:
    """The trigger functions themselves."""
    return migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)


def _no_truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();"
    )


def append_only(table: str) -> migrations.RunSQL:
    """No UPDATE, DELETE or TRUNCATE of `table`, ever."""
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION ledger_refuse();" + _no_truncate(table),
        f"DROP TRIGGER append_only ON {table}; DROP TRIGGER no_truncate ON {table};",
    )


def keep_columns(table: str, *columns: str) -> migrations.RunSQL:
    """UPDATE may change anything but `columns`; no DELETE or TRUNCATE."""
    listed = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"CREATE TRIGGER keep_columns BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION ledger_keep_columns({listed});"
        f"CREATE TRIGGER no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        + _no_truncate(table),
        f"DROP TRIGGER keep_columns ON {table}; DROP TRIGGER no_delete ON {table}; "
        f"DROP TRIGGER no_truncate ON {table};",
    )


def refuse_columns(table: str, *columns: str) -> migrations.RunSQL:
    """No UPDATE that names any of `columns`, not even one to the same value; no DELETE or TRUNCATE.

    For long tables: unlike `keep_columns` it needs no look at the rows themselves.
    """
    listed = ", ".join(f'"{column}"' for column in columns)
    return migrations.RunSQL(
        f"CREATE TRIGGER refuse_columns BEFORE UPDATE OF {listed} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        f"CREATE TRIGGER no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        + _no_truncate(table),
        f"DROP TRIGGER refuse_columns ON {table}; DROP TRIGGER no_delete ON {table}; "
        f"DROP TRIGGER no_truncate ON {table};",
    )


def unguarded(table: str) -> migrations.RunSQL:
    """Take away what `append_only` set, for another guard in its place."""
    guard = append_only(table)
    return migrations.RunSQL(guard.reverse_sql or (), guard.sql)


def only_grow(table: str) -> migrations.RunSQL:
    """A tile may only gain hashes at its end."""
    return migrations.RunSQL(
        f"CREATE TRIGGER only_grow BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_only_grow();"
        f"CREATE TRIGGER no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        + _no_truncate(table)
        + f"ALTER TABLE {table} ALTER COLUMN hashes SET STORAGE EXTERNAL;",
        f"DROP TRIGGER only_grow ON {table}; DROP TRIGGER no_delete ON {table}; "
        f"DROP TRIGGER no_truncate ON {table};",
    )
