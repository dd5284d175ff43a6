"""Whose signature counts: the configured issuer's, or in development that of the built-in one."""

from __future__ import annotations

from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.identity import DevIssuer, Keys
from shaoyin.adapters.mongo import Database
from shaoyin.adapters.settings import Settings


def keys_of(settings: Settings, database: Database) -> tuple[Keys, DevIssuer | None]:
    """The configured issuer's keys; where there is none, in development, the built-in issuer."""
    if settings.oidc_jwks_url and settings.oidc_issuer:
        from shaoyin.adapters.issuer_keys import JwksKeys  # an HTTP client, for which most services have no other use

        return JwksKeys(settings.oidc_jwks_url, settings.oidc_issuer, settings.oidc_audience), None
    issuer = DevIssuer(settings, database, SystemClock())
    return issuer, issuer
