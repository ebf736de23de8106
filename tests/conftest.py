"""Shared by all tests: a data directory of their own, and the real parts."""

import os
import tempfile

os.environ.setdefault("WAGEWATCH_DATA", tempfile.mkdtemp(prefix="wagewatch-test-"))
