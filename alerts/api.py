"""REST: warnings, complaints, and the outlooks of coming paydays."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers, viewsets

from alerts import complaints
from alerts.models import Forecast, Level, Warning
from payroll.models import Complaint, ComplaintStep
from projects import scope
from projects.api import member_of


class WarningSerializer(serializers.ModelSerializer[Warning]):
    project = serializers.CharField(source="project.code")
    company = serializers.CharField(source="company.code", help_text="Credit code")
    month = serializers.CharField(allow_null=True, help_text="Month worked, YYYY-MM")
    level = serializers.SerializerMethodField()

    class Meta:
        model = Warning
        fields: tuple[str, ...] = (
            "id", "rule", "level", "status", "project", "company", "month", "subject", "workers",
            "amount", "since", "opened_on", "cleared_on", "folded_under", "data_missing",
        )  # fmt: skip

    def get_level(self, warning: Warning) -> str:
        """blue, yellow, orange or red"""
        return Level(warning.level).name.lower()


class EvidenceSerializer(WarningSerializer):
    """A warning with its proof: facts, arithmetic, rows, sources (alerts/rules/base.py)."""

    evidence = serializers.JSONField()

    class Meta(WarningSerializer.Meta):
        fields = (*WarningSerializer.Meta.fields, "evidence")


class WarningFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Warning.Status.choices)
    rule = django_filters.CharFilter()
    project = django_filters.CharFilter(field_name="project__code")
    company = django_filters.CharFilter(field_name="company__code")

    class Meta:
        model = Warning
        fields: list[str] = []


class WarningViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Warning]
):
    """Warnings of whatever status that the token's member may see."""

    queryset = Warning.objects.none()
    filterset_class = WarningFilter

    def get_serializer_class(self) -> Any:
        return WarningSerializer if self.action == "list" else EvidenceSerializer

    def get_queryset(self) -> Any:
        rows = scope.visible(Warning.objects.all(), member_of(self))
        rows = rows.select_related("project", "company")
        return rows.defer("evidence") if self.action == "list" else rows


class StepSerializer(serializers.ModelSerializer[ComplaintStep]):
    project = serializers.CharField(source="project.code", default=None)
    authority = serializers.CharField(source="authority.name", default=None)

    class Meta:
        model = ComplaintStep
        fields = ("act", "on", "known_from", "project", "authority", "reason", "note")


class ComplaintSerializer(serializers.ModelSerializer[Complaint]):
    """A complaint without the person and the words: those stand on its page alone."""

    number = serializers.CharField(help_text="As pages and evidence name it")
    project = serializers.CharField(source="project.code", default=None)
    contractor = serializers.CharField(
        source="project.contractor.code", default=None, help_text="Credit code"
    )
    region = serializers.CharField(source="region_id", help_text="GB/T 2260 code", allow_null=True)
    authority = serializers.CharField(source="authority.name", default=None)
    first_month = serializers.CharField(allow_null=True, help_text="YYYY-MM")
    last_month = serializers.CharField(allow_null=True, help_text="YYYY-MM")

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = (
            "id", "number", "channel", "reference", "received_on", "standing", "project",
            "contractor", "region", "authority", "site_name", "company_name", "people", "amount",
            "first_month", "last_month", "from_public", "shared_on",
        )  # fmt: skip


class ComplaintDetailSerializer(ComplaintSerializer):
    """With what was done, in the order of the days."""

    steps = StepSerializer(many=True)

    class Meta(ComplaintSerializer.Meta):
        fields = (*ComplaintSerializer.Meta.fields, "steps")


class ComplaintFilter(django_filters.FilterSet):
    standing = django_filters.ChoiceFilter(choices=Complaint.Standing.choices)
    channel = django_filters.ChoiceFilter(choices=Complaint.Channel.choices)
    project = django_filters.CharFilter(field_name="project__code")
    received_from = django_filters.DateFilter(field_name="received_on", lookup_expr="gte")
    received_to = django_filters.DateFilter(field_name="received_on", lookup_expr="lte")

    class Meta:
        model = Complaint
        fields: list[str] = []


class ComplaintViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]
):
    """Complaints that the token's member may see: for authorities; companies get none."""

    queryset = Complaint.objects.none()
    filterset_class = ComplaintFilter

    def get_serializer_class(self) -> Any:
        return ComplaintSerializer if self.action == "list" else ComplaintDetailSerializer

    def get_queryset(self) -> Any:
        member = member_of(self)
        if member is None or member.is_company:
            return Complaint.objects.none()
        rows = complaints.visible(member).defer("text", "name", "phone", "id_number")
        if self.action == "list":
            return rows
        return rows.prefetch_related("steps__project", "steps__authority")


class ForecastSerializer(serializers.ModelSerializer[Forecast]):
    """Sums in CNY. `shortfall` and its bounds `least` and `most` are null when they cannot be
    known; `reasons` says why, and what an outlook hangs on (docs/forecast.md)."""

    project = serializers.CharField(source="project.code")
    month = serializers.CharField(help_text="Month worked, YYYY-MM")
    confidence = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    bank_data_until = serializers.SerializerMethodField()

    class Meta:
        model = Forecast
        fields = (
            "project", "as_of", "payday", "month", "provisional", "needed", "balance", "expected",
            "shortfall", "least", "most", "confidence", "employers", "sheets_missing", "reasons",
            "bank_data_until",
        )  # fmt: skip

    def get_confidence(self, forecast: Forecast) -> str:
        """unknown, low, medium or high"""
        return Forecast.Confidence(forecast.confidence).name.lower()

    def get_reasons(self, forecast: Forecast) -> list[str]:
        return list(forecast.data.get("reasons", ()))

    def get_bank_data_until(self, forecast: Forecast) -> str | None:
        """The last day that the bank data of every account reach, YYYY-MM-DD"""
        until: str | None = forecast.data.get("covered")
        return until


class PaydayFilter(django_filters.FilterSet):
    project = django_filters.CharFilter(field_name="project__code")
    until = django_filters.DateFilter(field_name="payday", lookup_expr="lte")
    short = django_filters.BooleanFilter(method="by_short", label="Only with a shortfall")

    class Meta:
        model = Forecast
        fields: list[str] = []

    def by_short(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(shortfall__gt=0) if value else queryset


class ForecastViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Forecast]):
    """The coming payday of each project that the token's member may see; not for subcontractors,
    who see nothing of the project's account."""

    queryset = Forecast.objects.none()
    serializer_class = ForecastSerializer
    filterset_class = PaydayFilter

    def get_queryset(self) -> Any:
        return scope.visible(Forecast.objects.all(), member_of(self)).select_related("project")
