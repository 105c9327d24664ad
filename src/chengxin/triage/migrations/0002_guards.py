"""What was done with leads is append-only."""

from django.db import migrations

from chengxin.ledger.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial"), ("ledger", "0002_guards")]
    operations = [append_only("triage_act")]
