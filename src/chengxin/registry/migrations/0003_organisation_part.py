"""The organisation code inside a unified code (GB 32100: places 9 to 17) is looked up, too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_guards")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX identifier_organisation_part ON registry_identifier (substr(value, 9, 9)) "
            "WHERE scheme = 'uscc';",
            "DROP INDEX identifier_organisation_part;",
        ),
    ]
