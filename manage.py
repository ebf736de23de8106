#!/usr/bin/env python3
"""Django's command line for wagewatch."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagewatch.settings")
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        if waiting := _migrations_waiting():
            sys.exit(
                f"{error}\nThe database {_database()} is {waiting} migrations behind this program: "
                "run `manage.py migrate`, or set WAGEWATCH_DATABASE_URL or WAGEWATCH_DATA to the "
                "one you mean (the demo's: WAGEWATCH_DATA=var/demo)."
            )
        raise


def _migrations_waiting() -> int:
    """How many migrations the database lacks; 0 too where it does not answer."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import Error

    try:
        connection.close()
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return 0


def _database() -> str:
    from django.conf import settings

    return str(settings.DATABASES["default"]["NAME"])


if __name__ == "__main__":
    main()
