"""Shared by all tests."""

import pytest


@pytest.fixture(autouse=True)
def regions_stay(django_db_serialized_rollback: None) -> None:
    """Tests that commit empty the tables at their end: what migrations loaded is put back."""
