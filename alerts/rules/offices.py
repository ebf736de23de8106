"""Which authority is in charge where, for rules that hold an authority responsible."""

from collections.abc import Iterable

from projects.models import Authority

UNNAMED = "人力资源和社会保障行政部门"


def in_charge(regions: Iterable[str]) -> dict[str, str]:
    """The name of the human resources authority of each region: its own, else that of the nearest
    region around it. One query."""
    offices = sorted(
        (
            (office.region.prefix, office.name)
            for office in Authority.objects.filter(kind=Authority.Kind.HRSS).select_related(
                "region"
            )
        ),
        key=lambda pair: len(pair[0]),
    )
    return {
        region: next(
            (name for prefix, name in reversed(offices) if region.startswith(prefix)), UNNAMED
        )
        for region in set(regions)
    }
