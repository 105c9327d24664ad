"""An index for the list of identities that don't agree with the registers."""

from __future__ import annotations

from django.db import migrations

OPEN = """
CREATE INDEX verification_open ON registry_verification (state, id DESC)
WHERE state <> 'verified' AND reasons NOT LIKE '[{"rule":"superseded"%'
"""


class Migration(migrations.Migration):
    """Forward only."""

    dependencies = [("registry", "0003_identifiers")]
    operations = [migrations.RunSQL(OPEN)]
