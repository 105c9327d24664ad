"""What was shown and taken down stays told; of a notice only its end comes later."""

from django.db import migrations

from chengxin.ledger.guards import append_only, keep_columns


class Migration(migrations.Migration):
    dependencies = [("publicity", "0001_initial"), ("ledger", "0001_initial")]
    operations = [
        append_only("publicity_change"),
        keep_columns(
            "publicity_notice", "case_id", "kind", "law", "article", "title", "body", "show_from", "show_until"
        ),
    ]
