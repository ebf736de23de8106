"""Registry feed `projects`: whole, or only the columns that a department owns."""

from collections.abc import Sequence
from typing import Any

from payroll.feeds.base import Field, register
from payroll.feeds.table import Layout, TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("name", "项目名称", "工程名称", "projectName"),
    Field("areaCode", "行政区划", "行政区划代码", "所属区划"),
    Field("industry", "行业", "所属行业"),
    Field("buildCorpCode", "建设单位统一社会信用代码", "建设单位代码", "建设单位信用代码"),
    Field("buildCorpName", "建设单位", "建设单位名称"),
    Field(
        "contractorCorpCode",
        "施工总承包单位统一社会信用代码",
        "施工总承包单位代码",
        "总承包单位代码",
        "总承包单位统一社会信用代码",
    ),
    Field("contractorCorpName", "施工总承包单位", "总承包单位", "施工总承包单位名称"),
    Field("approvalNum", "立项代码", "立项文号"),
    Field("builderLicenseNum", "施工许可证号", "施工许可证"),
    Field("licenseDate", "发证日期", "施工许可证发证日期"),
    Field("contractDate", "合同签订日期"),
    Field("contractAmount", "合同价", "合同金额"),
    Field("laborCostMonthly", "月人工费", "月人工费用"),
    Field("disbursementCycleDays", "拨付周期(天)", "人工费拨付周期"),
    Field("payDay", "发薪日", "工资发放日"),
    Field("depositRatio", "保证金比例", "工资保证金比例"),
    Field("governmentFunded", "政府投资", "是否政府投资"),
    Field("startDate", "开工日期"),
    Field("completeDate", "竣工日期"),
    Field("prjStatus", "状态", "项目状态"),
    Field("lng", "经度"),
    Field("lat", "纬度"),
]

NAMES = ("projectCode", "approvalNum", "builderLicenseNum")
"""By the first of these that a file has, a row names its project."""

_OWN = frozenset(
    {
        *("areaCode", "industry", "buildCorpCode", "contractorCorpCode", "approvalNum"),
        *("builderLicenseNum", "licenseDate", "contractAmount", "laborCostMonthly"),
        *("disbursementCycleDays", "payDay", "depositRatio", "governmentFunded", "prjStatus"),
    }
)
"""Columns that no other kind of feed has."""


class PartialReader(TableReader):
    """A department's own columns of projects that are known. Less sure than any reader that finds
    all it needs, and only of tables most of whose columns are a project's."""

    def layout(self, rows: Sequence[Sequence[str]]) -> Layout | None:
        found = super().layout(rows)
        naming = next((name for name in NAMES if found and name in found.columns), None)
        if found is None or naming is None or len(found.extra) >= len(found.columns):
            return None
        return found if set(found.columns) & _OWN - {naming} else None

    def _score(self, table: Any) -> int:
        found = self.layout(table.preview)
        return min(len(found.columns), 9) if found else 0


register(
    TableReader(
        "projects",
        FIELDS,
        required=("projectCode", "name", "areaCode", "contractorCorpCode", "contractorCorpName"),
    )
)
register(PartialReader("projects", FIELDS, required=()))
