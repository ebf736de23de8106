"""A made-up city as feed files in the real formats, and the truth about it.

    DIR/<day received>/<file>   the feeds, as departments, companies, banks and gates send them
    DIR/manifest.json           [{"file", "kind", "received_on"}] in the order in which they come
    DIR/truth.json              [{"rule", "project", "company", "month", "from", "until", "proved"}]

`truth.json` lists what was planted and what follows from it: a warning that must be open on every
day evaluated from `from` (inclusive) until `until` (exclusive; null: to the end). Before `proved`
(null: ever) it may only ask for the data that are missing. The same arguments give the same bytes
of data. Pure: no database is read or written.
"""

import datetime as dt
import importlib
import pkgutil
import shutil
from pathlib import Path
from typing import Any

from alerts.simulation import noise as roughen
from alerts.simulation import plants_company
from alerts.simulation.build import LOOK_ALIKES, build, look_alike
from alerts.simulation.files import months_until, write
from alerts.simulation.funding import follow_credits, vary
from alerts.simulation.plan import settle
from alerts.simulation.plants import PLANTS
from alerts.simulation.proof import prove
from alerts.simulation.wages import follow
from wagewatch.months import Month

DEFAULT_END = Month.parse("2026-06")

# Every module plants_*.py registers its plants.
for _module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
    if _module.startswith("plants_"):
        importlib.import_module(f"{__name__}.{_module}")


def simulate(
    directory: Path,
    *,
    projects: int,
    workers: int,
    months: int,
    seed: int,
    end: Month = DEFAULT_END,
    until: dt.date | None = None,
    noise: bool = False,
    variant: int = 0,
) -> dict[str, Any]:
    """Write the city; gives {projects, workers, files, planted, months}.

    A third of a small city's sites carries a planted violation of each rule in turn, at least one
    site each where there are as many sites as rules. `until` cuts the last month short. `noise`
    makes the data as rough as real ones are (noise.py); `variant` is that of the first plants.
    Raises ValueError for impossible sizes.
    """
    if projects < 1 or workers < projects or months < 3:
        raise ValueError("needs at least 1 project, a worker for each, and 3 months")
    city = build(projects, workers, months_until(end, months), seed, until)
    rules = list(PLANTS)
    planted = planted_sites(projects)
    kinds = {site: LOOK_ALIKES[n % len(LOOK_ALIKES)] for n, site in enumerate(city.sites)}
    if noise:
        roughen.delay_banks(city)
        roughen.come_and_go(city, {site: kinds[site] for site in city.sites[planted:]})
    for number, site in enumerate(city.sites):
        if number >= planted:
            look_alike(city, site, kinds[site])
            if noise and kinds[site] == "plain":
                roughen.pay_on_the_day(site)
            vary(city, site, number)
        else:
            site.plant = rules[number % len(rules)]
            PLANTS[site.plant](city, site, variant + number // len(rules))
        settle(city, site)
        if noise:
            roughen.misspell(city, site)
    plants_company.spread(city)
    for site in city.sites:
        follow(city, site)
        follow_credits(city, site)
    prove(city)
    plants_company.derive(city)
    prove(city)
    if directory.exists():
        shutil.rmtree(directory)
    write(city, directory)
    return {
        "projects": projects,
        "workers": sum(len(c.people) for s in city.sites for c in s.crews),
        "months": [str(month) for month in city.months],
        "files": sum(1 for p in directory.rglob("*") if p.is_file()) - 2,
        "planted": len(city.truth),
    }


def planted_sites(projects: int) -> int:
    """Each rule once, twice in a city of 40; in a large one a site in ten beyond that."""
    rules = len(PLANTS)
    if projects < 3 * rules:
        return min(projects, rules)
    return 2 * rules + max(0, projects - 40) // 10
