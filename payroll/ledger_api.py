"""REST: the ledger of arrears."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers, viewsets

from payroll.api import CycleFilter
from payroll.models import Arrear
from projects import scope
from projects.api import member_of


class ArrearSerializer(serializers.ModelSerializer[Arrear]):
    """Sums in CNY."""

    project = serializers.CharField(source="project.code")
    employer = serializers.CharField(source="employer.code", help_text="Credit code")
    contractor = serializers.CharField(
        source="contractor.code", help_text="Credit code of who clears first (Reg. 30)"
    )
    worker = serializers.CharField(source="worker.name")
    id_number = serializers.CharField(source="worker.masked_id", help_text="Masked")
    month = serializers.CharField(help_text="Month worked, YYYY-MM")
    since = serializers.DateField(help_text="First day on which it was owed")

    class Meta:
        model = Arrear
        fields = (
            "project", "employer", "contractor", "worker", "id_number", "month", "as_of",
            "payday", "since", "due", "paid", "unpaid",
        )  # fmt: skip


class ArrearFilter(CycleFilter):
    contractor = django_filters.CharFilter(field_name="contractor__code")
    least = django_filters.NumberFilter(field_name="unpaid", lookup_expr="gte")

    class Meta:
        model = Arrear
        fields: list[str] = []


class ArrearViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Arrear]):
    """What each worker is owed for each month whose payday has passed, as last judged."""

    queryset = Arrear.objects.none()
    serializer_class = ArrearSerializer
    filterset_class = ArrearFilter

    def get_queryset(self) -> Any:
        rows = scope.visible(Arrear.objects.all(), member_of(self))
        return rows.select_related("project", "employer", "contractor", "worker")
