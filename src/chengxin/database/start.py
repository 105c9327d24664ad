"""Bring Django up on a home: database started, schema current. Everything that is run begins here."""

from __future__ import annotations

import os
from pathlib import Path

from chengxin.database.embedded import start_server
from chengxin.database.home import Home, chosen_home


def start(home: Path | None = None) -> Home:
    """Choose the home, start or join its database, set Django up and bring the schema forward."""
    chosen = chosen_home(home)
    chosen.path.mkdir(parents=True, exist_ok=True)
    os.environ["CHENGXIN_HOME"] = str(chosen.path)
    os.environ["CHENGXIN_DATABASE_URL"] = os.environ.get("DATABASE_URL") or start_server(chosen.postgres)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")

    import django  # noqa: PLC0415 - settings need the database first

    django.setup()
    bring_schema_forward()
    return chosen


def bring_schema_forward() -> None:
    """Apply the migrations that the database has not seen, if any. One process at a time."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    def pending() -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    if not pending():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            if pending():
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


MIGRATION_LOCK = 20170901
