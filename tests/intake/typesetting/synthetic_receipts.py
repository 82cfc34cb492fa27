"""Made-up facts of the two receipts."""

from __future__ import annotations

from datetime import UTC, datetime

from intake.typesetting.receipts import ReceiptFile, ReceivedFacts, RegisteredFacts

AT = datetime(2020, 4, 8, 7, 0, 3, 412000, tzinfo=UTC)
ARRIVAL = datetime(2020, 4, 7, 22, 30, tzinfo=UTC)
FILES = (
    ReceiptFile("domanda.pdf.p7m", 182233, "a3" * 32, "application/pkcs7-mime", "Modulo firmato"),
    ReceiptFile("verbale d’accordo.pdf", 999, "5f" * 32, "application/pdf"),
)
RECEIVED = ReceivedFacts(
    administration="Regione Esempio",
    office="Ufficio Ammortizzatori sociali",
    notice_title="Avviso pubblico per la cassa integrazione in deroga",
    form="BAS20-0000000123",
    applicant="ALFA S.R.L.",
    sent_by="ANNA BIANCHI, consulente",
    received_at=AT,
    files=FILES,
)
REGISTERED = RegisteredFacts(
    administration="Regione Esempio",
    administration_code="r_esempi",
    area="Giunta regionale",
    area_code="AOO-GR",
    office="Ufficio protocollo",
    register="CIGD-2020",
    register_name="Registro delle domande di cassa integrazione in deroga",
    number="0000127",
    year=2020,
    registered_at=AT,
    legal_instant=ARRIVAL,
    legal_instant_source="Raccomandata: arrivo allo sportello",
    rank_rule="Le domande si esaminano secondo l’istante che vale per legge, poi secondo il numero.",
    channel="Raccomandata A/R",
    sender="ALFA S.R.L.",
    sender_tax_code="01234567890",
    subject="Domanda di cassa integrazione in deroga",
    form="BAS20-0000000123",
    files=FILES,
    verify_at="https://cigd.esempio.example/verifica",
    verification_code="SAR20/2020/0000123/ABCD-EFGH-IJKL-MNOP-QRST",
)
