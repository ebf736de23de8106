"""Shared by all tests."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def regions_stay(django_db_serialized_rollback: None) -> None:
    """Tests that commit empty the tables at their end: what migrations loaded is put back."""


@pytest.fixture(autouse=True, scope="session")
def static_files_are_not_listed() -> Iterator[None]:
    """Each test client makes the middleware anew, which would read the list of all static files: a
    tenth of a second. Live servers of the tests serve them without it."""
    with override_settings(WHITENOISE_USE_FINDERS=False):
        yield
