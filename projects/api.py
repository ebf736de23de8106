"""REST: the projects that the caller may see."""

from typing import Any

from rest_framework import mixins, serializers, viewsets

from projects import scope
from projects.filters import ProjectFilter
from projects.models import Project


def member_of(view: Any) -> Any:
    """The calling member; nobody while the description is made."""
    user = getattr(view.request, "user", None)
    return scope.member_of(user)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    region = serializers.CharField(source="region_id", help_text="GB/T 2260 code")
    owner = serializers.CharField(source="owner.code", default=None, help_text="Credit code")
    contractor = serializers.CharField(source="contractor.code", help_text="Credit code")

    class Meta:
        model = Project
        fields = (
            "code", "name", "region", "industry", "owner", "contractor", "contract_date",
            "contract_amount", "labour_cost_monthly", "pay_day", "start_date", "complete_date",
            "status",
        )  # fmt: skip


class ProjectViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Project]
):
    """The projects that the token's member may see."""

    filter_backends = ()
    serializer_class = ProjectSerializer
    queryset = Project.objects.none()
    lookup_field = "code"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> Any:
        rows = scope.visible(Project.objects.all(), member_of(self))
        return rows.select_related("owner", "contractor")

    def filter_queryset(self, queryset: Any) -> Any:
        """By the filters of the project page."""
        member = member_of(self)
        asked = self.request.query_params
        return ProjectFilter(asked, queryset=queryset, member=member).qs if member else queryset
