"""Every endpoint of the API, and the application that serves them."""

from aiohttp import web

from session_manager.api import (
    api_keys,
    charge_point_list,
    charge_points,
    configuration,
    event_streams,
    id_tags,
    kept,
    messages,
    meter_values,
    operations,
    passwords,
    quarantined,
    registration,
    sessions,
    sessions_ended,
    transactions,
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
    *sessions.ROUTES,
    *event_streams.ROUTES,
    *id_tags.ROUTES,
    *registration.ROUTES,
    *passwords.ROUTES,
    *quarantined.ROUTES,
    *api_keys.ROUTES,
)


def api(services: Services) -> web.Application:
    """Make the API, with its own document."""
    return application(services, (*ROUTES, *document_routes(ROUTES)))
