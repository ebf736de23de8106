"""Minimum wages as a history, with those that Zhejiang published for its second tier, Zhoushan's.

The sums of 2024 were read in a report of the province's notice; those of 2021 follow from the rise
that it names. That Zhoushan is of the second tier is to be confirmed: so they stand as reported
until somebody puts the published text on record.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ZHOUSHAN, SECOND_TIER = "330900", 2
PUBLISHED = (
    (dt.date(2021, 8, 1), Decimal("2070.00"), None),
    (dt.date(2024, 1, 1), Decimal("2260.00"), Decimal("22.00")),
)


def seed(apps: Any, schema_editor: Any) -> None:
    for valid_from, monthly, hourly in PUBLISHED:
        apps.get_model("projects", "MinimumWage").objects.create(
            region_id=ZHOUSHAN,
            valid_from=valid_from,
            monthly=monthly,
            hourly=hourly,
            tier=SECOND_TIER,
            document=f"浙江省公布的最低工资标准(第二档,{valid_from}起执行)",
            standing="reported",
            known_from=valid_from,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0004_gateway_team'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MinimumWage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField()),
                ('monthly', models.DecimalField(decimal_places=2, max_digits=8)),
                ('hourly', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ('tier', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('document', models.CharField(max_length=200)),
                ('standing', models.CharField(choices=[('published', 'read in the published text'), ('reported', 'to be confirmed with the published text')], default='published', max_length=10)),
                ('known_from', models.DateField()),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minimum_wages', to='projects.region')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['region', '-valid_from', '-known_from', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('region', 'valid_from', 'known_from'), name='minimum_wage_day'), models.CheckConstraint(condition=models.Q(('monthly__gt', 0)), name='minimum_wage_above_zero')],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
