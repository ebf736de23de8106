"""What the short registry feeds share: rows in memory, versions by the day known."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
from django.db import connection, models

from payroll.checks import registry as checks
from payroll.feeds.base import Chunk
from payroll.ingest.base import Loader
from payroll.sql import among, chain_known, insert, run, table
from projects.models import Company
from wagewatch import bulk


class RegistryLoader(Loader):
    """Rows of `checks.registry.<kind>` as dictionaries in `records`."""

    checks: Any = checks

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.records: list[dict[str, Any]] = []

    def take(self, chunk: Chunk) -> None:
        self.rows += len(chunk.frame)
        check = getattr(self.checks, self.kind)
        frame = check(chunk, self.issues, self.lookups, self.feed.received_on)
        if not self.issues.errors:
            self.keep(chunk, frame.astype(object).where(frame.notna(), None))

    def keep(self, chunk: Chunk, frame: pd.DataFrame) -> None:
        """Rows that are right so far; `frame` has None for the empty values that pandas makes."""
        self.records += frame.to_dict("records")

    def lock(self) -> set[int]:
        return {int(record["project_id"]) for record in self.records}


def upsert_companies(names: dict[str, str], *, rename: bool = True) -> dict[str, int]:
    """Create companies by credit code, take over changed names unless told otherwise; gives the
    primary keys."""
    names = {code: name for code, name in names.items() if code and name}
    if not names:
        return {}
    company = table(Company)
    pairs = json.dumps(sorted(names.items()))
    if connection.vendor == "postgresql":
        source = "SELECT pair->>0, pair->>1, '' FROM json_array_elements(%s::json) pair"
    else:
        source = (
            "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), '' "
            "FROM json_each(%s) WHERE true"
        )
    change = f"UPDATE SET name = excluded.name WHERE {company}.name <> excluded.name"
    run(
        f"""
        INSERT INTO {company} (code, name, address) {source}
        ON CONFLICT (code) DO {change if rename else "NOTHING"}""",
        [pairs],
    )
    return dict(Company.objects.filter(code__in=names).values_list("code", "pk"))


def write_versions(
    model: type[models.Model], keys: Sequence[str], objects: Sequence[Any], owner: str = "project"
) -> None:
    """Insert versions, in place of those with the same keys and day, and renew the history."""
    if not objects:
        return
    day = objects[0].known_from
    attributes = [bulk.column(model, key) for key in keys]
    owners = {getattr(o, f"{owner}_id") for o in objects}
    wanted = {tuple(getattr(o, name) for name in attributes) for o in objects}
    manager = model._default_manager
    same_day = manager.filter(**{f"{owner}__in": owners, "known_from": day})
    old = [pk for pk, *key in same_day.values_list("pk", *attributes) if tuple(key) in wanted]
    if old:
        manager.filter(pk__in=old).delete()
    insert(objects)
    test, parameter = among(owners)
    chain_known(model, keys, f"{owner}_id {test}", parameter)
