"""What a case is about is sealed by its opening step, and never changed.

Steps taken before have no such seal and keep the leaves that they had.
"""

from django.db import migrations, models

from chengxin.ledger.guards import refuse_columns

ABOUT = ("procedure", "rule", "key", "subject_id", "region", "organisation_id", "parent_id", "law_day")


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_no_backdating"), ("ledger", "0002_guards")]
    operations = [
        migrations.AddField("step", "about", models.TextField(null=True)),
        migrations.RunSQL(
            "ALTER TABLE cases_step ADD CONSTRAINT step_about "
            "CHECK ((number = 1) = (about IS NOT NULL)) NOT VALID",
            "ALTER TABLE cases_step DROP CONSTRAINT step_about",
        ),
        refuse_columns("cases_case", *ABOUT, "opened_on"),
    ]
