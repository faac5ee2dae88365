"""Django's settings, read from the home and the environment; nothing secret stands in this file.

``THRESHOLD_HOME`` names the home. ``DATABASE_URL`` (role *app*) and ``DATABASE_OWNER_URL`` (role *owner*,
only for migrations) name the database; ``threshold.start`` sets them for the embedded server.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from threshold.home import Home

# Without a home (linters, `threshold init`) settings still load; nothing that needs a secret then works.
HOME = Home.current() if Home.exists(Home.default_path()) else None


def _database(variable: str) -> dict[str, Any]:
    parts: dict[str, Any] = dict(conninfo_to_dict(os.environ.get(variable, "")))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "threshold"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


DATABASES = {"default": _database("DATABASE_URL"), "owner": _database("DATABASE_OWNER_URL")}

SECRET_KEY = HOME.secret_key() if HOME else "there is no home, so nothing is ever signed with this"
DEBUG = False
# A loopback address by default; a force names its own host. THRESHOLD_HOSTS is a comma-separated list.
ALLOWED_HOSTS = [h for h in os.environ.get("THRESHOLD_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
# Behind a proxy that ends TLS: THRESHOLD_BEHIND_PROXY=1 trusts its X-Forwarded-Proto and marks cookies secure.
BEHIND_PROXY = os.environ.get("THRESHOLD_BEHIND_PROXY") == "1"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("THRESHOLD_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "threshold.apps.ThresholdConfig",
]
AUTH_USER_MODEL = "threshold.Officer"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Before the rest, so that every answer has its headers, and nobody's form is read before they are known.
    "threshold.pages.gate.GateMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "threshold.pages.urls"
WSGI_APPLICATION = "threshold.pages.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "threshold.pages.environment.environment"},
    }
]

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = BEHIND_PROXY
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = BEHIND_PROXY
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A referral typed or dropped on a page; larger packages come by command. An upload never touches the disk
# before its media is cut: Django's own handler would write it down first.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A map of the widest table that is read: two answers for each of its 500 columns, and the meanings of
# values. (The page of a held entry sends two fields for each of up to 500 leaves.)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000
FILE_UPLOAD_HANDLERS = ["threshold.pages.uploads.InMemoryOnly"]

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"
# Our few files are served as they lie in the package: nothing is collected, nothing is built.
STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).parent / "pages" / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 24 * 60 * 60
APPEND_SLASH = False
CSRF_FAILURE_VIEW = "threshold.pages.errors.form_too_old"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
