"""The access log can't be changed or trimmed, by anybody."""

from django.db import migrations

from chengxin.ledger.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("ledger", "0002_guards")]
    operations = [append_only("audit_access")]
