"""A generator of issued, printed, signed, altered and scanned forms whose truth is known. Everything is synthetic and seeded.

    from bench.forms import KEYS, returned_form

    back = returned_form(7, level="fax", dpi=300, treatment="altered")
    read_returned([("scan.pdf", back.pdf)], back.form.form_map, KEYS, issued_pdf=back.form.pdf)
    back.sheets[0].altered      # what was changed: kind, fields, box, what was issued, what is written now
    back.sheets[-1].signed      # names of the signature boxes that are signed
    back.values                 # what every value on the paper says

Other arguments: ``workers=30, only=[1, 2], path="poppler", colour=False, upside_down=True``.

``level``: clean, medium, fax, low_contrast, phone, independent. ``dpi``: 300 or 200; a fax has 204 or 160 and one bit.
``treatment``: untouched (signed and stamped all the same), altered (one alteration of each kind on each page with workers),
reprinted (a third of the workers' values replaced in print). ``picture_file(page)`` gives one page as JPEG or TIFF.
``sheet_of`` and ``scanned`` give the paper and its scans one by one: printing is the slow part and is the same for all levels.
"""

from bench.forms.alterations import KINDS, altered_sheet, reprinted_sheet
from bench.forms.files import pdf_file, picture_file
from bench.forms.issuing import KEY, KEYS, BenchForm, issued_form
from bench.forms.printing import printed
from bench.forms.returned import ReturnedForm, Treatment, returned_form, sheet_of, values_on
from bench.forms.scanning import DPIS, LEVELS, Level, ScannedPage, scanned
from bench.forms.sheets import SHEET_DPI, AlterationKind, Altered, Marked, PrintPath, Sheet

__all__ = [
    "DPIS",
    "KEY",
    "KEYS",
    "KINDS",
    "LEVELS",
    "SHEET_DPI",
    "AlterationKind",
    "Altered",
    "BenchForm",
    "Level",
    "Marked",
    "PrintPath",
    "ReturnedForm",
    "ScannedPage",
    "Sheet",
    "Treatment",
    "altered_sheet",
    "issued_form",
    "pdf_file",
    "picture_file",
    "printed",
    "reprinted_sheet",
    "returned_form",
    "scanned",
    "sheet_of",
    "values_on",
]
