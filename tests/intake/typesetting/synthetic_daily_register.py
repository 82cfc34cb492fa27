"""A made-up day of a made-up register."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from intake.typesetting.daily_register import DailyFacts
from protocol_register.daily import RegisterDay
from protocol_register.entries import (
    Annulment,
    Channel,
    Classification,
    Direction,
    Document,
    Entry,
    Party,
    PartyKind,
    Register,
    RegisterKind,
    Resumption,
)

AT = datetime(2026, 11, 21, 9, 0, 3, 412000, UTC)
REGISTER = Register(
    code="CIGD-2020",
    kind=RegisterKind.LIVE,
    administration="r_esempi",
    aoo="A1B2C3D",
    time_zone="Europe/Rome",
    public_key=bytes(32),
    fingerprint="",
    salt_policy="",
    created_at=AT,
)
INCOMING = Entry(
    direction=Direction.IN,
    channel=Channel.ONLINE,
    subject="Concessione di CIG in deroga – domanda di Panificio Verdi & C. S.r.l., modulo BAS20-0000000123",
    operator="desk:1",
    sender=Party(kind=PartyKind.COMPANY, name="Panificio Verdi & C. S.r.l.", tax_code="00000000000"),
    document=Document(name="domanda_" + "x" * 90 + ".pdf.p7m", sha256="ab" * 32, size=9, media_type="application/pdf"),
    attachments=(Document(name="verbale d’accordo.pdf", sha256="cd" * 32, size=9, media_type="application/pdf"),),
    received_date=date(2026, 11, 20),
    received_protocol="77/A",
    register=REGISTER.code,
    year=2026,
    number=1,
    instant=AT,
    arrival_instant=AT,
    legal_instant=AT,
    salt=bytes(32),
    leaf_hash=bytes(32),
    log_index=0,
)
EMERGENCY = replace(
    INCOMING,
    channel=Channel.EMERGENCY,
    emergency_number="E2026-1-0001",
    document=None,
    attachments=(),
    number=2,
    legal_instant=AT - timedelta(hours=3),
    log_index=1,
)
OUTGOING = replace(INCOMING, direction=Direction.OUT, sender=None, recipients=(INCOMING.sender,), number=3, log_index=2)
BLIND = {"salt": bytes(32), "leaf_hash": bytes(32), "register": REGISTER.code, "year": 2026, "instant": AT}
DAILY = DailyFacts(
    administration="Regione Esempio",
    office="Ufficio protocollo",
    register_day=RegisterDay(
        register=REGISTER,
        day=AT.date(),
        entries=(INCOMING, EMERGENCY, OUTGOING),
        annulments=(Annulment(number=1, operator="office:1", act="Det. 3", reason="Doppia", log_index=3, **BLIND),),
        classifications=(
            Classification(
                register=REGISTER.code,
                year=2026,
                number=1,
                instant=AT,
                operator="office:1",
                classification="VII.3",
                file_reference=None,
                assigned_to="Ufficio CIG",
            ),
        ),
        resumptions=(Resumption(after=9, operator="admin", act="Det. 4", log_index=4, **BLIND),),
        log_size=5,
        checkpoint="r_esempi/A1B2C3D/CIGD-2020\n5\nAA==\n\n— r_esempi/A1B2C3D/CIGD-2020 " + "A" * 92 + "\n",
    ),
    made_at=AT + timedelta(days=1),
)
