"""Django's settings, from the environment and the home folder alone."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from chengxin.database.home import chosen_home
from chengxin.kernel.crypto import open_keyring


def database_from_url(url: str) -> dict[str, Any]:
    """Django's database entry for a postgresql:// URL (socket directories as ?host=)."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


HOME = chosen_home()
KEYRING = open_keyring(HOME.keys)

DATABASES = {"default": database_from_url(os.environ["CHENGXIN_DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "chengxin.design",
    "chengxin.ledger",
    "chengxin.accounts",
    "chengxin.audit",
    "chengxin.desk",
    "chengxin.registry",
    "chengxin.archive",
    "chengxin.exchange",
    "chengxin.cases",
    "chengxin.decisions",
    "chengxin.measures",
    "chengxin.triage",
    "chengxin.publicity",
    "chengxin.reports",
    "chengxin.portal",
    "chengxin.workbench",
]
ROOT_URLCONF = "chengxin.api.urls"
MIDDLEWARE = [
    "chengxin.design.headers.SecurityHeaders",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chengxin.design.language.ChosenLanguage",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "chengxin.workbench.navigation.navigation",
                "chengxin.desk.context.saved",
            ]
        },
    }
]

HTTPS = os.environ.get("CHENGXIN_HTTPS") == "1"
"""Whether people reach the site by https, through a proxy that ends it: cookies are sent by https alone and
bear the prefix __Host-, browsers are told to come back by https only (HSTS), and forms are taken from
https://<CHENGXIN_HOSTS>."""

TRUSTED_PROXIES = os.environ.get("CHENGXIN_TRUSTED_PROXIES", "")
"""Addresses or networks of proxies whose X-Forwarded-For is believed (see `accounts.addresses`)."""

SESSION_ENGINE = "chengxin.accounts.sessions"
SESSION_COOKIE_NAME = f"{'__Host-' if HTTPS else ''}chengxin_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_NAME = f"{'__Host-' if HTTPS else ''}chengxin_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "chengxin.design.render.stale_form"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

SECRET_KEY = KEYRING.fingerprint("django", "secret key").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CHENGXIN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and host != "*"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "chengxin_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # what was asked for and isn't there is no news
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
"""Our own faults on the terminal, with the path of the request but never its query."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
"""Of a form, files apart: what anybody can make the service hold in memory."""
