"""Several projects of one company in trouble (I1): planted, and what follows for its others.

The mark follows from what all sites have planted, so it is derived at the end, day by day, from
the truth: which matters are red on which day by the catalogue, and which companies have them on
two projects. Written from the catalogue; it shares no code with the engine.
"""

import datetime as dt
from collections import defaultdict

from alerts.simulation.build import LOOK_ALIKES, clean_life
from alerts.simulation.plan import DAY, City, Company, Site
from alerts.simulation.plants import PLANTS, expect, plant
from wagewatch.months import Month

PROJECTS = 2
RED_DAYS = 31
"""E1 and E2 are red from this day after the payday."""
OWNER_RED = 31
"""B1: yellow from day 32 without a credit, red from day 63."""
MONTHS_RED = 3
"""E7: red at so many months."""
AT_ONCE = ("B5", "E8", "F1")
"""Red as soon as they hold."""
_PLAIN = ("plain", "early", "well-paid")


@plant("I1")
def two_in_trouble(city: City, site: Site, variant: int) -> None:
    """The contractor's own crew is not paid for the first month: here, and, by `spread`, on a
    clean site of the same contractor."""
    clean_life(city, site)
    _miss(city, site)


def _miss(city: City, site: Site) -> None:
    cycle = next(c for c in site.cycles if c.crew is site.crews[0])
    cycle.pay_on = None
    wage = (cycle.crew, cycle.month)
    site.payments = [p for p in site.payments if p.wage is None or p.wage[:2] != wage]
    expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY)


def spread(city: City) -> None:
    """Give each site planted with I1 a second one: clean as built, of the same contractor."""
    clean = [
        site
        for number, site in enumerate(city.sites)
        if not site.plant and LOOK_ALIKES[number % len(LOOK_ALIKES)] in _PLAIN
    ]
    for site, other in zip([s for s in city.sites if s.plant == "I1"], clean, strict=False):
        other.contractor = other.crews[0].company = site.contractor
        _miss(city, other)


def derive(city: City) -> None:
    """Write the I1 of every company to the truth, where the city knows the rule."""
    if "I1" not in PLANTS:
        return
    sites = {site.code: site for site in city.sites}
    matters: dict[str, list[dict]] = defaultdict(list)
    for item in city.truth:
        matters[item["company"]].append(item)
    folding = [item for item in city.truth if item["rule"] == "A1"]
    companies = _companies(city)
    for code, items in sorted(matters.items()):
        red = [item for item in items if item["rule"] in (*AT_ONCE, "B1", "E1", "E2", "E7")]
        if len({item["project"] for item in red}) >= PROJECTS:
            _follow(city, companies[code], red, folding, sites)


def _companies(city: City) -> dict[str, Company]:
    found: dict[str, Company] = {}
    for site in city.sites:
        for company in (site.owner, site.contractor, *(crew.company for crew in site.crews)):
            found[company.code] = company
    return found


def _follow(
    city: City,
    company: Company,
    items: list[dict],
    folding: list[dict],
    sites: dict[str, Site],
) -> None:
    since: dict[str, dt.date] = {}
    mine = [site for site in city.sites if company in _parties(site)]
    day = city.months[0].first
    while day <= city.end:
        red = {i["project"] for i in items if _is_red(city, i, items, folding, sites, day)}
        marked = {s.code for s in mine if _active(s, day)} if len(red) >= PROJECTS else set()
        for code in marked - set(since):
            since[code] = day
        for code in set(since) - marked:
            expect(city, sites[code], "I1", company, None, since.pop(code), day)
        day += DAY
    for code, first in since.items():
        expect(city, sites[code], "I1", company, None, first)


def _parties(site: Site) -> list[Company]:
    return [site.owner, site.contractor, *(crew.company for crew in site.crews)]


def _active(site: Site, day: dt.date) -> bool:
    ended = [end for end in (site.complete, site.suspended) if end]
    return site.start <= day and not any(end <= day for end in ended)


def _holds(item: dict, day: dt.date) -> bool:
    return item["from"] <= str(day) and (item["until"] is None or str(day) < item["until"])


def _is_red(
    city: City,
    item: dict,
    items: list[dict],
    folding: list[dict],
    sites: dict[str, Site],
    day: dt.date,
) -> bool:
    """Whether a matter is red on `day`, and by data that reach far enough."""
    if not _holds(item, day):
        return False
    site, rule = sites[item["project"]], item["rule"]
    if rule in ("E1", "E2"):
        return (day - _payday(city, site, item)).days >= RED_DAYS
    if rule == "B1":  # explained by the missing account, which is the contractor's
        hidden = any(a["project"] == site.code and _holds(a, day) for a in folding)
        since = dt.date.fromisoformat(item["from"])
        return not hidden and (day - since).days >= OWNER_RED
    return _proved(item, day) and (rule != "E7" or _months_open(items, site, day) >= MONTHS_RED)


def _proved(item: dict, day: dt.date) -> bool:
    return item["proved"] is not None and item["proved"] <= str(day)


def _months_open(items: list[dict], site: Site, day: dt.date) -> int:
    """The months of E1 and E2 on the site that hold on `day` and are proved."""
    return sum(
        i["rule"] in ("E1", "E2")
        and i["project"] == site.code
        and _holds(i, day)
        and _proved(i, day)
        for i in items
    )


def _payday(city: City, site: Site, item: dict) -> dt.date:
    return city.days.payday(Month.parse(item["month"]), site.pay_day)
