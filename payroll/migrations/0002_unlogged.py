"""Staging needs no crash safety: it is emptied after each feed. Unlogged on PostgreSQL."""

from typing import Any

from django.db import migrations


def unlogged(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("day", "entry", "worker"):
            schema_editor.execute(f"ALTER TABLE payroll_staged{name} SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [("payroll", "0001_initial")]
    operations = [migrations.RunPython(unlogged, migrations.RunPython.noop)]
