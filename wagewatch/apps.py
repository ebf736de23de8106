from django.apps import AppConfig


class WagewatchConfig(AppConfig):
    name = "wagewatch"
    verbose_name = "Wagewatch"
