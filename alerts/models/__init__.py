from alerts.models.answer import Answer, AnswerFile
from alerts.models.forecast import Forecast
from alerts.models.notice import Notice, NoticeLine, NoticeSeries
from alerts.models.parameter import RuleParameter
from alerts.models.run import Backtest, ForecastMeasure
from alerts.models.warning import Evaluation, Level, Warning, WarningEvent

__all__ = [
    "Answer",
    "AnswerFile",
    "Backtest",
    "Evaluation",
    "Forecast",
    "ForecastMeasure",
    "Level",
    "Notice",
    "NoticeLine",
    "NoticeSeries",
    "RuleParameter",
    "Warning",
    "WarningEvent",
]
