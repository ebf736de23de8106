"""The divisions of Zhoushan (GB/T 2260, towns as of 2023) as data."""

import csv
from pathlib import Path
from typing import Any

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "regions.csv"


def load(apps: Any, schema_editor: Any) -> None:
    region = apps.get_model("projects", "Region")
    with DATA.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            row["parent_id"] = row.pop("parent") or None
            region.objects.update_or_create(code=row.pop("code"), defaults=row)


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
