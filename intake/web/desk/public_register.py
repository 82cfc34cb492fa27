"""Anyone may read the state of each register, and which cases were examined before their turn."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from intake.cases.public_register import register_head, taken_out_of_order
from intake.errors import NotFound
from intake.web.editions import shown_edition, shown_editions
from intake.web.frame.access import Public, route
from intake.web.frame.context import session

screens = Blueprint("public_register", __name__)


@route(screens, "/registro-pubblico", allow=Public)
def registers_page() -> ResponseReturnValue:
    """The head of each register, and its acts out of order."""
    registers = [
        (each, register_head(session(), each.code), taken_out_of_order(session(), each.code))
        for each in shown_editions()
    ]
    return render_template("desk/public_register.html", registers=registers)


@route(screens, "/registro-pubblico/<code>/testa", allow=Public)
def head(code: str) -> ResponseReturnValue:
    """The signed head alone, as ``sportello receipt verify --checkpoint`` reads it."""
    text = register_head(session(), shown_edition(code).code)
    if text is None:
        raise NotFound
    return Response(text, mimetype="text/plain")
