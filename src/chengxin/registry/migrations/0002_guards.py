"""The registry is append-only; of a subject only its projections may change."""

from django.db import migrations

from chengxin.ledger.guards import append_only, keep_columns


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("ledger", "0002_guards")]
    operations = [
        keep_columns("registry_subject", "id", "kind", "registered_name", "region"),
        *(
            append_only(f"registry_{table}")
            for table in ("identifier", "name", "role", "outlet", "verification", "merge")
        ),
    ]
