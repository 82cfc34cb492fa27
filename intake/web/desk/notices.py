"""What anyone can read about a notice: what, who, when, how, documents, help, offices."""

from __future__ import annotations

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from intake.errors import NotFound
from intake.notices.papers import ReadingDocument
from intake.people.sign_in import WAYS_IN
from intake.publication.models import publications_in_force, publications_of
from intake.web.desk.notice_publications import shown_publications
from intake.web.editions import ShownEdition, page_facts, shown_edition, shown_editions
from intake.web.frame.access import Public, route
from intake.web.frame.context import service, session

screens = Blueprint("notices", __name__)


@route(screens, "/", allow=Public)
def notices() -> ResponseReturnValue:
    """The notices of this service, and their rehearsals."""
    shown = shown_editions()
    return render_template(
        "desk/notices.html",
        live=[each for each in shown if not each.edition.is_rehearsal],
        rehearsals=[each for each in shown if each.edition.is_rehearsal],
    )


@route(screens, "/avvisi/<code>", allow=Public)
def notice(code: str) -> ResponseReturnValue:
    """One notice, from its rules; of its documents, those that the office published signed."""
    shown = shown_edition(code)
    in_force = shown_publications(publications_in_force(session(), shown.edition))
    signed = {each.publication.document_key: each for each in in_force}
    return render_template("desk/notice.html", signed=signed, ways_in=WAYS_IN, **page_facts(shown))


@route(screens, "/avvisi/<code>/vademecum", allow=Public)
def vademecum(code: str) -> ResponseReturnValue:
    """The vademecum, the guide to the form and the effects of the measure."""
    return render_template("desk/vademecum.html", **page_facts(shown_edition(code)))


@route(screens, "/avvisi/<code>/accreditamento", allow=Public)
def accreditation(code: str) -> ResponseReturnValue:
    """How one who has no credentials gets them."""
    return render_template("desk/accreditation.html", **page_facts(shown_edition(code)))


@route(screens, "/avvisi/<code>/uffici", allow=Public)
def offices(code: str) -> ResponseReturnValue:
    """The employment centres with addresses and e-mail."""
    return render_template("desk/offices.html", **page_facts(shown_edition(code)))


@route(screens, "/avvisi/<code>/privacy", allow=Public)
def privacy(code: str) -> ResponseReturnValue:
    """The privacy notice of GDPR art. 13, with the list of processors."""
    return render_template("desk/privacy.html", **page_facts(shown_edition(code)))


@route(screens, "/avvisi/<code>/documenti/<key>", allow=Public)
def document(code: str, key: str) -> ResponseReturnValue:
    """A document of the notice: what it says, where the original is, and as signed, where the office published it so."""
    shown = shown_edition(code)
    found = _document(shown, key)
    published = shown_publications(publications_of(session(), shown.edition, key))
    return render_template("desk/document.html", document=found, published=published, **page_facts(shown))


@route(screens, "/avvisi/<code>/documenti/<key>/file", allow=Public)
def document_file(code: str, key: str) -> ResponseReturnValue:
    """The document's own bytes, as the administration published them."""
    shown = shown_edition(code)
    found = _document(shown, key)
    if found.file is None:
        raise NotFound
    return send_file(service().settings.notices / shown.pack.id / found.file, as_attachment=True)


def _document(shown: ShownEdition, key: str) -> ReadingDocument:
    found = next((each for each in shown.pack.documents if each.key == key), None)
    if found is None:
        raise NotFound
    return found
