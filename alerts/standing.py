"""As of which day the table of warnings speaks, for pages that show ages."""

import datetime as dt

from django.utils import timezone

from alerts.models import Evaluation


def judged_on() -> dt.date:
    """The day of the last evaluation of the whole city; today before the first one."""
    last = Evaluation.objects.filter(whole_city=True).values_list("as_of", flat=True).first()
    return last or timezone.localdate()
