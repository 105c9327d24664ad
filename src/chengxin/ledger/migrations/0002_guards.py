"""The ledger is append-only: enforced by the database."""

from django.db import migrations

from chengxin.ledger.guards import append_only, functions, only_grow


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [functions(), only_grow("ledger_tile"), append_only("ledger_treehead"), append_only("ledger_event")]
