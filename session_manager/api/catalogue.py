"""Every endpoint of the API, and the application that serves them."""

from aiohttp import web

from session_manager.api import (
    accounts,
    alerts,
    api_keys,
    audit_trail,
    chain,
    charge_point_list,
    charge_points,
    configuration,
    disputes,
    event_streams,
    exports,
    id_tags,
    identities,
    identity_commands,
    identity_history,
    kept,
    labels,
    log_lines,
    messages,
    meter_values,
    operations,
    passwords,
    quarantined,
    registration,
    reports,
    reports_uptime,
    session_stop,
    sessions,
    sessions_ended,
    sessions_ended_found,
    settings_shown,
    sign_in,
    tokens,
    transactions,
    webhooks,
)
from session_manager.api.application import application
from session_manager.api.openapi import document_routes
from session_manager.api.routes import Route, Services

ROUTES: tuple[Route, ...] = (
    *operations.ROUTES,
    *charge_point_list.ROUTES,
    *charge_points.ROUTES,
    *transactions.ROUTES,
    *meter_values.ROUTES,
    *messages.ROUTES,
    *configuration.ROUTES,
    *kept.ROUTES,
    *sessions_ended.ROUTES,
    *sessions_ended_found.ROUTES,
    *reports.ROUTES,
    *reports_uptime.ROUTES,
    *exports.ROUTES,
    *sessions.ROUTES,
    *session_stop.ROUTES,
    *disputes.ROUTES,
    *identities.ROUTES,
    *identity_history.ROUTES,
    *identity_commands.ROUTES,
    *labels.ROUTES,
    *chain.ROUTES,
    *settings_shown.ROUTES,
    *tokens.ROUTES,
    *audit_trail.ROUTES,
    *event_streams.ROUTES,
    *log_lines.ROUTES,
    *id_tags.ROUTES,
    *registration.ROUTES,
    *passwords.ROUTES,
    *quarantined.ROUTES,
    *api_keys.ROUTES,
    *sign_in.ROUTES,
    *accounts.ROUTES,
    *alerts.ROUTES,
    *webhooks.ROUTES,
)


def api(services: Services) -> web.Application:
    """Make the API, with its own document."""
    return application(services, (*ROUTES, *document_routes(ROUTES)))
