"""The addresses, made from the one table of routes."""

from __future__ import annotations

from threshold.pages.routes import urls

urlpatterns = urls()
handler400 = "threshold.pages.errors.bad_request"
handler403 = "threshold.pages.errors.forbidden"
handler404 = "threshold.pages.errors.not_found"
handler500 = "threshold.pages.errors.failed"
