"""Jobs that a real worker process runs in the fault tests."""

import time
from pathlib import Path


def slow(directory: str) -> None:
    """Leave a mark at the start, and one at the end; the first run is killed in between."""
    place = Path(directory)
    runs = len(list(place.glob("started-*")))
    (place / f"started-{runs}").touch()
    if runs == 0:
        time.sleep(60)
    (place / "ended").touch()
