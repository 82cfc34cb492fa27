"""The signature report in the standard's own XML (ETSI TS 119 102-2 v1.2.1), for programs of others.

It says what our report says, no more: indications, sub-indications, times, signer, digests. The XML bindings are pyHanko's; its
own generator is not used, because it writes what pyHanko thinks of a PDF and knows no other format.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_URN = "urn:etsi:019102"
_MAIN = {"TOTAL_PASSED": "total-passed", "INDETERMINATE": "indeterminate", "TOTAL_FAILED": "total-failed"}
_NAMESPACES = {
    "vr": "http://uri.etsi.org/19102/v1.2.1#",
    "XAdES": "http://uri.etsi.org/01903/v1.3.2#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


def validation_report(report: Mapping[str, Any], *, at: datetime) -> bytes:
    """The XML of a report as `SignatureReport.as_json` writes it, asked at `at` (aware).

    Raises ValueError for a report without signatures, which the schema does not admit. Slow to load: import where it is used.
    """
    from pyhanko.generated.etsi import ts_11910202 as vr
    from xsdata.formats.dataclass.serializers import XmlSerializer
    from xsdata.formats.dataclass.serializers.config import SerializerConfig

    if not report["signatures"]:
        raise ValueError("a validation report needs at least one signature")
    files = {each["depth"]: each["sha256"] for each in report["nested"]}
    certificates = dict.fromkeys(filter(None, (each["certificate_sha256"] for each in report["signatures"])))
    document = vr.ValidationReport(
        signature_validation_report=tuple(_signatures(report, files, at)),
        signature_validation_objects=vr.ValidationObjectListType(
            (
                *(_object(f"document-{depth}", "signedData", digest) for depth, digest in files.items()),
                *(_object(f"certificate-{digest}", "certificate", digest) for digest in certificates),
            )
        ),
    )
    written = XmlSerializer(config=SerializerConfig(indent="  ")).render(document, ns_map=dict(_NAMESPACES))
    return str(written).encode()


def _signatures(report: Mapping[str, Any], files: Mapping[int, str], at: datetime) -> Iterator[Any]:
    from pyhanko.generated.etsi import ts_11910202 as vr
    from xsdata.models.datatype import XmlDateTime

    for number, each in enumerate(report["signatures"], start=1):
        proven = datetime.fromisoformat(each["proven_time"]) if each["proven_time"] else None
        sub = each["sub_indication"]
        certificate = each["certificate_sha256"]
        yield vr.SignatureValidationReportType(
            signature_identifier=vr.SignatureIdentifierType(
                id=f"signature-{number}", hash_only=False, doc_hash_only=False
            ),
            validation_time_info=vr.ValidationTimeInfoType(
                validation_time=XmlDateTime.from_datetime(at),
                best_signature_time=vr.POEType(
                    poetime=XmlDateTime.from_datetime(proven or at), type_of_proof=f"{_URN}:poetype:validation"
                ),
            ),
            signers_document=_document(each["depth"], files),
            signature_attributes=_attributes(each),
            signer_information=vr.SignerInformationType(
                signer_certificate=vr.VOReferenceType(voreference=(f"certificate-{certificate}",)),
                signer=each["signer"]["common_name"] or None,
            )
            if certificate
            else None,
            signature_validation_process=vr.SignatureValidationProcessType(
                signature_validation_process_id=f"{_URN}:validationprocess:{'LTVM' if proven else 'Basic'}"
            ),
            signature_validation_status=vr.ValidationStatusType(
                main_indication=f"{_URN}:mainindication:{_MAIN[each['indication']]}",
                sub_indication=(f"{_URN}:subindication:{sub}",) if sub else (),
            ),
        )


def _attributes(signature: Mapping[str, Any]) -> Any:
    from pyhanko.generated.etsi import ts_11910202 as vr
    from xsdata.models.datatype import XmlDateTime

    if not signature["claimed_time"]:
        return None
    stated = XmlDateTime.from_datetime(datetime.fromisoformat(signature["claimed_time"]))
    return vr.SignatureAttributesType(signing_time=(vr.SASigningTimeType(signed=True, time=stated),))


def _document(depth: int, files: Mapping[int, str]) -> Any:
    """What the signature speaks of: the content of its envelope, or the PDF itself."""
    from pyhanko.generated.etsi import ts_11910202 as vr

    signed = min(depth + 1, max(files)) if files else None
    if signed is None or signed not in files:
        return None
    return vr.SignersDocumentType(
        digest_alg_and_value=_digest(files[signed]),
        signers_document_ref=vr.VOReferenceType(voreference=(f"document-{signed}",)),
    )


def _object(identifier: str, kind: str, digest: str) -> Any:
    from pyhanko.generated.etsi import ts_11910202 as vr

    return vr.ValidationObjectType(
        id=identifier,
        object_type=f"{_URN}:validationObject:{kind}",
        validation_object_representation=vr.ValidationObjectRepresentationType(digest_alg_and_value=_digest(digest)),
    )


def _digest(sha256: str) -> Any:
    from pyhanko.generated.etsi import xades
    from pyhanko.generated.w3c import xmldsig_core

    return xades.DigestAlgAndValueType(
        digest_method=xmldsig_core.DigestMethod(_SHA256),
        digest_value=xmldsig_core.DigestValue(bytes.fromhex(sha256)),
    )
