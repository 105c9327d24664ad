"""A source can't be renamed or removed behind the ledger's back."""

from django.db import migrations

from chengxin.ledger.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("ledger", "0002_guards")]
    operations = [append_only("accounts_organisation")]
