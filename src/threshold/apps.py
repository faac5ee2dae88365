"""The one Django app: every room's rows live on one migration line."""

from django.apps import AppConfig


class ThresholdConfig(AppConfig):
    name = "threshold"
    default_auto_field = "django.db.models.BigAutoField"
