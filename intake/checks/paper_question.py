"""What an examination must know of the papers that come with a form: those that the service itself printed."""

from __future__ import annotations

from intake.applications.models import Application
from intake.applications.worker_papers import all_worker_papers
from intake.checks.agreement_question import AGREEMENT
from intake.checks.paper_examination import PaperQuestion, PrintedDeclarations
from intake.notices.pack import NoticePack
from intake.storage import DocumentStore
from ocr.attachments import form_map_of


def paper_question(application: Application, pack: NoticePack, store: DocumentStore) -> PaperQuestion:
    """The declarations printed with every form of the application, and its earlier forms.

    Raises ``LookupError`` when a file that the service printed bears no map any more.
    """
    asked = next((each for each in pack.attachments if each.required_when == "each_worker"), None)
    printed = []
    for paper in all_worker_papers(application):
        pdf = store.get(paper.pdf_sha256)
        form_map = form_map_of(pdf)
        if form_map is None:
            raise LookupError(f"the declarations {paper.form} bear no map")
        printed.append(PrintedDeclarations(form_map.to_json(), pdf, paper.superseded))
    return PaperQuestion(
        declarations_key=asked.key if asked else None,
        agreement_key=next((each.key for each in pack.attachments if each.key == AGREEMENT), None),
        title=asked.title if asked else "",
        law=asked.citation if asked else None,
        printed=tuple(printed),
        superseded_forms=tuple((form.form, form.pages) for form in application.forms if form.superseded_at),
    )
