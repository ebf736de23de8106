"""A scratch PostgreSQL database for one bench run, made new and dropped at the end.

WAGEWATCH_DATABASE_URL names a server on which databases may be created.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


@contextmanager
def database(name: str) -> Iterator[str]:
    """Gives the URL of a migrated, empty database; Django is set up on it."""
    import psycopg

    server = os.environ.get("WAGEWATCH_DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit(
            "bench: set WAGEWATCH_DATABASE_URL to a PostgreSQL server, e.g. "
            "postgres://postgres@127.0.0.1/postgres"
        )
    scratch = f"wagewatch_bench_{name}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{scratch}"')
    url = urlunsplit(urlsplit(server)._replace(path=f"/{scratch}"))
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        os.environ.update(
            WAGEWATCH_DATABASE_URL=url,
            WAGEWATCH_DATA=data,
            DJANGO_SETTINGS_MODULE="wagewatch.settings",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            yield url
        finally:
            from django.db import connections

            connections.close_all()
            with psycopg.connect(server, autocommit=True) as admin:
                admin.execute(f'DROP DATABASE "{scratch}" WITH (FORCE)')
