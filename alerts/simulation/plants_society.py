"""Complaints and falling indicators (G1, G2, I2), planted as in plants.py.

G1 and G2 are filed under the general contractor; the truth of G1 is what the authority did.
"""

from alerts.simulation.build import clean_life
from alerts.simulation.plan import DAY, City, Company, Site
from alerts.simulation.plants import can_repair, expect, plant
from alerts.simulation.society import REPORT_DAY, complain

LOW = 30  # percent of what is usual


@plant("G1")
def complaint_left_lying(city: City, site: Site, variant: int) -> None:
    """Nobody decides on a complaint in five working days; in one variant it is taken up late, in
    another it was taken up in time and nobody answers in sixty."""
    clean_life(city, site)
    if variant % 3 == 2:
        day = city.months[0].first.replace(day=3)
        made = complain(city, site, day, answered=None)
        assert made.accepted
        expect(city, site, "G1", site.contractor, None, city.days.add(made.accepted, 60) + DAY)
        return
    day = city.months[1].first.replace(day=16)
    late = city.months[2].first.replace(day=3) if can_repair(city, 0, variant) else None
    complain(city, site, day, accepted=late)
    expect(city, site, "G1", site.contractor, None, city.days.add(day, 5) + DAY, late)


@plant("G2")
def many_complain(city: City, site: Site, variant: int) -> None:
    """Three workers in a month, or one for twelve; all of it is taken up and answered in time."""
    clean_life(city, site)
    month = city.months[min(2, len(city.months) - 1)]
    first = month.first.replace(day=5)
    if variant % 2:
        complain(city, site, first, people=12)
        reached = first
    else:
        for place, day in enumerate((5, 12, 20)):
            complain(city, site, month.first.replace(day=day), place)
        reached = month.first.replace(day=20)
    expect(city, site, "G2", site.contractor, None, reached, first + 30 * DAY)


@plant("I2")
def indicator_falls(city: City, site: Site, variant: int) -> None:
    """A subcontractor of this site alone uses hardly any electricity from the second month on; in
    one variant the third month after is as before."""
    crew = site.crews[-1]
    crew.company = Company(*city.codes.company("建筑劳务"))
    clean_life(city, site)
    kind = ("electricity", "tax", "insurance")[variant % 3]
    back = 3 if can_repair(city, 1, variant) else len(city.months)
    for month in city.months[1:back]:
        city.falls[crew.company.code, kind, month] = LOW
    until = None
    if back + 1 < len(city.months):
        until = city.months[back + 1].first.replace(day=REPORT_DAY)
    since = (city.months[1] + 1).first.replace(day=REPORT_DAY)
    expect(city, site, "I2", crew.company, city.months[1], since, until)
