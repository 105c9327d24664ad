"""Identifiers come by the hundred thousand: their subjects are checked a statement at a time, not a row.

The organisation code inside a unified code (GB 32100: places 9 to 17) is looked up, too.
"""

from django.db import migrations

CHECK = """
CREATE FUNCTION registry_check_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT subject_id FROM added) a
               WHERE NOT EXISTS (SELECT FROM registry_subject s WHERE s.id = a.subject_id)) THEN
        RAISE EXCEPTION 'an identifier names a subject that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_subjects AFTER INSERT ON registry_identifier REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION registry_check_subjects();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_guards")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX identifier_organisation_part ON registry_identifier (substr(value, 9, 9)) "
            "WHERE scheme = 'uscc';",
            "DROP INDEX identifier_organisation_part;",
        ),
        migrations.RunSQL(
            CHECK, "DROP TRIGGER check_subjects ON registry_identifier; DROP FUNCTION registry_check_subjects;"
        ),
    ]
