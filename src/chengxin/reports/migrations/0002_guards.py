"""A report that was made stays in the register as it was made."""

from django.db import migrations

from chengxin.ledger.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("ledger", "0002_guards")]
    operations = [append_only("reports_report")]
