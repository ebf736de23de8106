"""How often something was done within the last hour, by key: for pages that anybody may open."""

from django.core.cache import cache

HOUR = 3600


def count(key: str) -> int:
    """Count once more; gives the number within the hour that began with the first."""
    cache.add(key, 0, HOUR)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ended between the two
        cache.set(key, 1, HOUR)
        return 1


def counted(key: str) -> int:
    """The number so far, without counting."""
    return int(cache.get(key, 0))
