from alerts.models.answer import Answer, AnswerFile
from alerts.models.case import Case, CaseStep
from alerts.models.forecast import Forecast
from alerts.models.notice import Notice, NoticeLine, NoticeSeries
from alerts.models.parameter import RuleParameter
from alerts.models.run import Backtest, ForecastMeasure
from alerts.models.standing import Inspection, Standing
from alerts.models.warning import Evaluation, Level, Warning, WarningEvent

__all__ = [
    "Answer",
    "AnswerFile",
    "Backtest",
    "Case",
    "CaseStep",
    "Evaluation",
    "Forecast",
    "ForecastMeasure",
    "Inspection",
    "Level",
    "Notice",
    "NoticeLine",
    "NoticeSeries",
    "RuleParameter",
    "Standing",
    "Warning",
    "WarningEvent",
]
