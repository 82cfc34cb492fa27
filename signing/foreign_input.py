"""What the parsers we stand on raise when the bytes before them are not what they claim to be.

pyHanko, asn1crypto, pikepdf and zipfile meet hostile bytes with ordinary Python errors besides their own. These are facts about
the document, and each caller turns them into a verdict; an error outside this tuple is a defect of ours and is told as such.
"""

import binascii
import struct
import zlib

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import CMSStructuralError
from pyhanko.sign.validation.errors import SignatureValidationError

MALFORMED = (
    PdfError,
    CMSStructuralError,
    SignatureValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    EOFError,
    binascii.Error,
    struct.error,
    zlib.error,
)
