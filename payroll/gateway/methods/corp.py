"""Corp.Upload: a company, before it is named on a project."""

from payroll.gateway.methods.base import Push, register

register(
    Push(
        "Corp.Upload",
        "companies",
        top={"corpCode": "corpCode", "corpName": "corpName", "areaCode": "areaCode"},
        required=("corpCode", "corpName"),
        again=True,
        project=False,
    )
)
