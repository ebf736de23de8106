"""The command line on a database that is not ready for it."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_a_database_without_tables_is_told_as_such(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "WAGEWATCH_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "manage.py", "warnings"],
        env=env | {"WAGEWATCH_DATA": str(tmp_path / "new")},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{tmp_path}" in done.stderr and "run `manage.py migrate`" in done.stderr
