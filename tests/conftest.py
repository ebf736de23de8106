"""Shared by all tests: a data directory of their own, and the real parts."""

import os
import tempfile

os.environ.setdefault("WAGEWATCH_DATA", tempfile.mkdtemp(prefix="wagewatch-test-"))

import pytest


@pytest.fixture(autouse=True)
def regions_stay(django_db_serialized_rollback: None) -> None:
    """Tests that commit empty the tables at their end: what migrations loaded is put back."""
