"""The archive is append-only, and what a record points at must exist (checked once a statement)."""

from django.db import migrations

from chengxin.ledger.guards import append_only

REFERENCES = """
CREATE FUNCTION archive_check_references() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT subject_id FROM added) a
               WHERE NOT EXISTS (SELECT FROM registry_subject s WHERE s.id = a.subject_id)) THEN
        RAISE EXCEPTION 'a record names a subject that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT source_id FROM added) a
               WHERE NOT EXISTS (SELECT FROM accounts_organisation o WHERE o.id = a.source_id)) THEN
        RAISE EXCEPTION 'a record names a source that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (SELECT FROM added a WHERE a.refers_to_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM archive_record r WHERE r.id = a.refers_to_id)) THEN
        RAISE EXCEPTION 'a record refers to a record that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_references AFTER INSERT ON archive_record REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION archive_check_references();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_initial"),
        ("ledger", "0002_guards"),
        ("registry", "0002_guards"),
        ("accounts", "0002_guards"),
    ]
    operations = [
        append_only("archive_record"),
        append_only("archive_attribution"),
        migrations.RunSQL(
            REFERENCES,
            "DROP TRIGGER check_references ON archive_record; DROP FUNCTION archive_check_references;",
        ),
    ]
