"""The packs of the project, and an application that breaks no rule, to be spoilt one rule at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.notices.load import load_pack
from intake.notices.pack import NoticePack

PACKS = Path(__file__).parents[3] / "templates" / "notices"


@pytest.fixture(scope="session")
def sardegna() -> NoticePack:
    return load_pack(PACKS / "sardegna-2020")


@pytest.fixture(scope="session")
def basilicata() -> NoticePack:
    return load_pack(PACKS / "basilicata-2020")


@pytest.fixture(scope="session")
def toscana() -> NoticePack:
    return load_pack(PACKS / "toscana-2009")


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[..., Path]:
    """Copies the Sardegna pack and changes its ``notice.toml`` in one place; the place must exist."""

    def spoil(old: str = "", new: str = "") -> Path:
        folder = tmp_path / "sardegna-2020"
        shutil.copytree(PACKS / "sardegna-2020", folder)
        written = (folder / "notice.toml").read_text("utf-8")
        assert old in written
        (folder / "notice.toml").write_text(written.replace(old, new, 1), "utf-8")
        return folder

    return spoil


@pytest.fixture
def application() -> dict[str, Any]:
    """A complete Sardegna application, filed by the employer and signed digitally. All people are synthetic."""
    return {
        "employer": {
            "name": "ALFA SRL",
            "tax_code": "01234567897",
            "inps_number": "1234567860",
            "kind": "services",
            "total_staff": 12,
            "regions_count": 1,
        },
        "representative": {"surname": "ROSSI", "given_name": "MARIO", "tax_code": "RSSMRA80A01B354X"},
        "unit": {"name": "Negozio", "address": {"street": "Via Prova 1", "city": "Cagliari", "province": "CA"}},
        "periods": [{"from": "2020-03-02", "to": "2020-05-03", "mode": "zero_hours"}],
        "workers": [
            {
                "surname": "VERDI",
                "given_name": "ANNA",
                "tax_code": "VRDNNA85A41B354Y",
                "category": "ordinary",
                "weekly_hours": "40",
                "hired_on": "2018-01-01",
                "requested_hours": "360",
            }
        ],
        "agreement": {"kind": "agreement", "date": "2020-03-28", "unions": ["CGIL"]},
        "declarations": {"other_schemes_first": True, "covid_cause": True, "truthfulness": True, "sr41_duty": True},
        "consents": {"data_processing": True},
        "stamp_duty": {"way": "exempt"},
        "filed_by": {"capacity": "employer"},
        "signature": {"way": "digital"},
    }
