"""Synthetic certified mail: a provider with its certificate, envelopes, receipts, and what goes wrong with them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from intake.service import Service

PROVIDER = "posta-certificata@gestore.example"
SENDER = "alfa@pec.example"
OFFICE = "protocollo@pec.regione.sardegna.example.it"
AT = datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Provider:
    """A provider's authority and the certificate that it signs envelopes with."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def sign(self, part: bytes) -> bytes:
        """The detached S/MIME signature over a part, as DER."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(part).add_signer(self.certificate, self.key, SHA256())
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])

    def trust_folder(self, folder: Path) -> Path:
        (folder / "anchors").mkdir(parents=True)
        (folder / "anchors" / "gestori.pem").write_bytes(self.root.public_bytes(Encoding.PEM))
        return folder


@cache
def provider(address: str = PROVIDER) -> Provider:
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorità dei gestori sintetici")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gestore Sintetico S.p.A.")])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )

    def made(subject: x509.Name, public: rsa.RSAPublicKey, *, authority: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(AT - timedelta(days=400))
            .not_valid_after(AT + timedelta(days=2000))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not authority,
                    content_commitment=not authority,
                    key_cert_sign=authority,
                    crl_sign=authority,
                    **usage,
                ),
                critical=True,
            )
        )

    alternative = x509.SubjectAlternativeName([x509.RFC822Name(address)])
    return Provider(
        made(root_name, root_key.public_key(), authority=True).sign(root_key, SHA256()),
        made(name, key.public_key(), authority=False)
        .add_extension(alternative, critical=False)
        .sign(root_key, SHA256()),
        key,
    )


def knowing_the_provider(service: Service, folder: Path) -> Service:
    """The same installation with a trust of its own in ``folder``, where the provider's authority is."""
    return replace(service, settings=service.settings.model_copy(update={"trust": provider().trust_folder(folder)}))


@cache
def self_made() -> Provider:
    """A provider that nobody knows, with the address of the real one."""
    return provider.__wrapped__(PROVIDER)


def daticert(
    kind: str = "posta-certificata",
    *,
    message_id: str = "<m1@pec.example>",
    sender: str = SENDER,
    recipient: str = OFFICE,
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="{kind}" errore="nessuno">
  <intestazione><mittente>{sender}</mittente><destinatari tipo="certificato">{recipient}</destinatari>
    <risposte>{sender}</risposte><oggetto>Domanda di cassa in deroga</oggetto></intestazione>
  <dati><gestore-emittente>Gestore Sintetico S.p.A.</gestore-emittente>
    <data zona="+0100"><giorno>20/11/2026</giorno><ora>11:15:30</ora></data>
    <identificativo>g1@gestore.example</identificativo>
    <msgid>{message_id.replace("<", "&lt;").replace(">", "&gt;")}</msgid></dati>
</postacert>
""".encode()


def original(*files: tuple[str, bytes], sender: str = SENDER, subject: str = "Domanda di cassa in deroga") -> bytes:
    """What the sender wrote, with its attachments."""
    parts = [b"Content-Type: text/plain; charset=utf-8\r\n\r\nIn allegato la domanda.\r\n"]
    parts += [attachment(name, data) for name, data in files]
    head = f"From: Alfa <{sender}>\r\nTo: {OFFICE}\r\nSubject: {subject}\r\nMessage-ID: <m1@pec.example>\r\n".encode()
    return head + _multipart("mixed", "orig", parts)


def enclosed(inner: bytes, name: str = "postacert.eml") -> bytes:
    """A message as a part of another."""
    head = f'Content-Type: message/rfc822; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
    return head.encode() + inner


def ordinary(*parts: bytes, sender: str = "Beta <beta@ditta.example>") -> bytes:
    """Mail that no provider certifies, made of ``parts`` beside its text."""
    head = f"From: {sender}\r\nTo: {OFFICE}\r\nSubject: La nostra domanda\r\nMessage-ID: <o1@ditta.example>\r\n"
    return head.encode() + _multipart(
        "mixed", "esterno", [b"Content-Type: text/plain\r\n\r\nEcco la domanda.\r\n", *parts]
    )


def envelope(
    inner: bytes,
    *,
    beside: tuple[bytes, ...] = (),
    data: bytes | None = None,
    signed_by: Provider | None = None,
    headers: dict[str, str] | None = None,
    message_id: str = "<e1@gestore.example>",
    nameless: bool = False,
) -> bytes:
    """A certified envelope (*busta di trasporto*) around ``inner``; ``nameless``: without names for what is added."""
    certification = attachment("daticert.xml", daticert() if data is None else data, "application/xml")
    parts = [
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nMessaggio di posta certificata.\r\n",
        _unnamed(certification) if nameless else certification,
        enclosed(inner),
        *beside,
    ]
    head = {
        "From": f'"Per conto di: {SENDER}" <{PROVIDER}>',
        "To": OFFICE,
        "Subject": "POSTA CERTIFICATA: Domanda di cassa in deroga",
        "X-Trasporto": "posta-certificata",
        "X-Riferimento-Message-ID": "<m1@pec.example>",
        **(headers or {}),
    }
    whole = _sealed(head, _multipart("mixed", "busta", parts), signed_by or provider(), message_id)
    return whole.replace(b'; name="smime.p7s"', b"").replace(b'; filename="smime.p7s"', b"") if nameless else whole


def receipt(
    kind: str = "avvenuta-consegna",
    *,
    data: bytes | None = None,
    files: tuple[tuple[str, bytes], ...] = (),
    signed_by: Provider | None = None,
    headers: dict[str, str] | None = None,
    message_id: str = "<r1@gestore.example>",
) -> bytes:
    """A provider's receipt for a message of ours."""
    parts = [
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nRicevuta.\r\n",
        attachment("daticert.xml", daticert(kind) if data is None else data, "application/xml"),
        *(attachment(name, file) for name, file in files),
    ]
    head = {
        "From": PROVIDER,
        "To": OFFICE,
        "Subject": "CONSEGNA: Risposta",
        "X-Ricevuta": kind,
        "X-Riferimento-Message-ID": "<m1@pec.example>",
        **(headers or {}),
    }
    return _sealed(head, _multipart("mixed", "ricevuta", parts), signed_by or provider(), message_id)


def unsigned(message: bytes) -> bytes:
    """The same with an empty signature: what anybody can write."""
    head, _, rest = message.partition(b"Content-Type: application/pkcs7-signature")
    return (
        head + b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\n\r\n--firma--\r\n" if rest else head
    )


def _unnamed(part: bytes) -> bytes:
    return part.replace(b'; name="daticert.xml"', b"").replace(b'; filename="daticert.xml"', b"")


def _sealed(headers: dict[str, str], part: bytes, signer: Provider, message_id: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += [
        f"Message-ID: {message_id}",
        "Date: Fri, 20 Nov 2026 11:15:31 +0100",
        "MIME-Version: 1.0",
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="firma"',
    ]
    signature = base64.encodebytes(signer.sign(part)).replace(b"\n", b"\r\n")
    return b"\r\n".join(
        [
            "\r\n".join(lines).encode(),
            b"",
            b"Messaggio firmato S/MIME",
            b"--firma",
            part,
            b"--firma",
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
            b"",
            signature,
            b"--firma--",
            b"",
        ]
    )


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return head + body + b"--" + boundary.encode() + b"--\r\n"


def attachment(name: str, data: bytes, kind: str = "application/octet-stream") -> bytes:
    """A file as a part of a message."""
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")
