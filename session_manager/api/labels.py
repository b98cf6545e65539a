"""Endpoints: the label of a connector, to print. It holds nothing secret."""

import asyncio
from functools import partial
from typing import Literal

from aiohttp import web
from pydantic import Field

from sdk.label import LabelForm, LabelSize, LabelText, label
from sdk.label_fonts import font_for
from session_manager.api.charge_points import config_asked, config_read
from session_manager.api.problems import not_found
from session_manager.api.routes import Asked, Route
from session_manager.api.values import ApiModel

_SIZES = {"a7": LabelSize(), "a6": LabelSize(105.0, 148.0), "a5": LabelSize(148.0, 210.0)}
_MEDIA_TYPES: dict[LabelForm, str] = {"svg": "image/svg+xml", "pdf": "application/pdf"}


class LabelQuery(ApiModel):
    """How large."""

    size: Literal["a7", "a6", "a5"] = Field(default="a7", description="DIN, upright.")


async def _draw(form: LabelForm, asked: Asked) -> web.Response:
    config = config_read(asked, await config_asked(asked))
    name, connector_id = config.charge_point_id, asked.path["connector_id"]
    if not 1 <= connector_id <= config.connectors:
        raise not_found("connector")
    text = LabelText(config.qr_text(connector_id), config.name, name, connector_id)
    return web.Response(
        body=await asyncio.to_thread(_drawn, text, form, asked.query.size),
        content_type=_MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'inline; filename="label-{name}-{connector_id}.{form}"',
            "Cache-Control": "no-cache",
        },
    )


def _drawn(text: LabelText, form: LabelForm, size: str) -> bytes:
    font = font_for(text.name) if form == "pdf" else None
    return label(text, form, _SIZES[size], font)


def _route(form: LabelForm) -> Route:
    return Route(
        method="GET",
        path=f"/charge-points/{{charge_point_id}}/connectors/{{connector_id}}/label.{form}",
        name=f"get_label_{form}",
        summary=f"Draw the label of a connector as {form.upper()}: its QR code, and what one reads",
        role="viewer",
        handler=partial(_draw, form),
        is_heavy=True,
        query=LabelQuery,
        media_type=_MEDIA_TYPES[form],
        tags=("Identity",),
    )


ROUTES = (_route("svg"), _route("pdf"))
