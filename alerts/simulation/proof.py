"""The day on which the data that prove a matter had come, for each item of the truth (`proved`).

Nobody can be accused of a missing payment before the bank's file of the payday is there. Written
from the catalogue ("it never fires on what it cannot know"): which day the bank's data must reach,
and the city's own clock that tells when they do. What follows from wages carries its own
(wages.py).
"""

import datetime as dt

from alerts.simulation.plan import DAY, City, Site
from wagewatch.months import Month

FRESH = 4
"""A forecast of the balance (B3) rests on bank data at most so many days old."""
START_REPORT = ("transport", "water")
"""Industries whose start report stands for the permit, and is on no register here (A5)."""


def prove(city: City) -> None:
    """Set `proved` of every item: the first day on which it holds and is proved; null when the data
    never come while it holds."""
    sites = {site.code: site for site in city.sites}
    for item in city.truth:
        day = _proved(city, sites[item["project"]], item)
        if day is not None and (day > city.end or (item["until"] and str(day) >= item["until"])):
            day = None
        item["proved"] = day.isoformat() if day else None


def _proved(city: City, site: Site, item: dict) -> dt.date | None:
    rule, since = item["rule"], dt.date.fromisoformat(item["from"])
    if "proved" in item:
        given: str | None = item["proved"]
        return dt.date.fromisoformat(given) if given else None
    if rule == "A5" and site.industry in START_REPORT:
        return None
    if site.account_open is None or site.account_open > since:  # none to pay from or into
        return since
    if rule == "B3":
        last = dt.date.fromisoformat(item["until"]) if item["until"] else city.end + DAY
        days = [since + n * DAY for n in range((last - since).days)]
        return next((day for day in days if reach(city, day) >= day - FRESH * DAY), None)
    month = Month.parse(item["month"]) if item["month"] else None
    needed = {
        "B1": since,
        "B2": month.last if month else None,
        "B5": since,
        "E1": month and city.days.payday(month, site.pay_day),
        "E2": month and city.days.payday(month, site.pay_day),
        "E4": since - DAY,
        "E7": since - DAY,
    }.get(rule)
    return max(since, city.bank_known(needed)) if needed else since


def reach(city: City, day: dt.date) -> dt.date:
    """The last day that the bank's files known on `day` cover."""
    last = day
    while city.bank_known(last) > day:
        last -= DAY
    return last
