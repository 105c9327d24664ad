"""Who may hold a copy is told of what was suspended and resumed, too."""

from django.db import migrations, models

CHANGES = (
    "ended", "withdrawn", "corrected", "removed", "revoked", "annulled", "renounced", "suspended", "resumed",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("decisions", "0002_copies")]
    operations = [
        migrations.RemoveConstraint("copy", "copy_what"),
        migrations.AddConstraint(
            "copy", models.CheckConstraint(condition=models.Q(what__in=CHANGES), name="copy_what")
        ),
    ]
