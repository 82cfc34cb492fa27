"""A rehearsal's register ends with its rehearsal: entries, daily registers, emergencies, packages and kept head."""

from __future__ import annotations

import shutil

from sqlalchemy import delete

from intake.protocol.models import DailyRegister, EmergencyImport
from intake.service import Service
from protocol_register.keys import check_code
from protocol_register.registration import wipe_rehearsal_register


def wipe_rehearsal_records(service: Service, register_code: str) -> None:
    """Removes everything that was done in the register of a rehearsal; its key stays with the edition's others.

    The owner role does it, nobody else can. Raises ``NotRehearsal`` for a live register, ``UnknownRegister``.
    """
    check_code(register_code)
    with service.database.owner_engine() as owner, owner.begin() as connection:
        wipe_rehearsal_register(connection, register_code)
        connection.execute(delete(DailyRegister).where(DailyRegister.register_code == register_code))
        connection.exec_driver_sql("ALTER TABLE emergency_import DISABLE TRIGGER append_only")
        connection.execute(delete(EmergencyImport).where(EmergencyImport.register_code == register_code))
        connection.exec_driver_sql("ALTER TABLE emergency_import ENABLE TRIGGER append_only")
    packages = service.settings.conservation_folder / register_code
    if packages.exists():
        shutil.rmtree(packages)
    for head in service.settings.heads_folder.glob(f"{register_code}.*"):
        head.unlink()
