from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def from_the_audit_trail(apps, schema_editor):
    """The day of those taken back before: the act is on the audit trail. Where it is not, the day
    of the answer, which is how they have been counted until now."""
    answers = apps.get_model("alerts", "Answer")
    entries = apps.get_model("wagewatch", "AuditEntry")
    acts = entries.objects.filter(act="answer-withdrawn", thing="alerts.answer")
    days = {thing: timezone.localtime(at).date() for thing, at in acts.values_list("thing_id", "at")}
    for made in answers.objects.filter(standing="withdrawn"):
        made.withdrawn_on = days.get(str(made.pk), made.on)
        made.save(update_fields=["withdrawn_on"])


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0006_case_complaints'),
        ('projects', '0006_sources'),
        ('wagewatch', '0002_calendar_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='answer',
            name='withdrawn_on',
            field=models.DateField(blank=True, help_text='None from this day on', null=True),
        ),
        migrations.RunPython(from_the_audit_trail, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('standing', 'withdrawn'), ('withdrawn_on__isnull', False)), models.Q(models.Q(('standing', 'withdrawn'), _negated=True), ('withdrawn_on__isnull', True)), _connector='OR'), name='answer_withdrawn_on_a_day'),
        ),
    ]
