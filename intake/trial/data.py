"""What the trial types into the six steps for *Sardegna 2020*. Synthetic people and firms."""

from __future__ import annotations

ADDRESS = {"street": "Via Sonnino 5", "postal_code": "09125", "city": "Cagliari", "province": "CA"}
WORKERS = (
    ("ESPOSITO", "MARIA LUCIA", "SPSMLC85A41B354E", "120"),
    ("DE LUCA", "ANTONIO", "DLCNTN79C15B354A", "128"),
    ("NICCOLÒ", "D'ANGELO", "NCCDGL90E20B354H", "136"),
)
DECLARATIONS = ("other_schemes_first", "covid_cause", "truthfulness", "sr41_duty")
CONSENTS = ("data_processing",)


def firm_step(representative: tuple[str, str, str]) -> dict[str, str]:
    """Step 1; names and tax codes of the firm are already there."""
    given_name, surname, tax_code = representative
    return {
        "employer.inps_number": "1234567860",
        "employer.legal_form": "Società a responsabilità limitata",
        "employer.kind": "craft",
        "employer.sector": "Panifici",
        "employer.collective_agreement": "Panificazione",
        "employer.total_staff": "5",
        "employer.regions_count": "1",
        "employer.email": "azienda@example.org",
        **{f"employer.address.{key}": value for key, value in ADDRESS.items()},
        "representative.given_name": given_name,
        "representative.surname": surname,
        "representative.tax_code": tax_code,
        "representative.role": "Legale rappresentante",
        "unit.name": "Forno di via Sonnino",
        **{f"unit.address.{key}": value for key, value in ADDRESS.items()},
    }


PERIODS_STEP = {"periods.1.from": "02/03/2020", "periods.1.to": "03/04/2020", "periods.1.mode": "zero_hours"}

WORKERS_CSV = "\n".join(
    [
        "Cognome;Nome;Codice fiscale;Qualifica;Contratto;Categoria;Ore settimanali;Data assunzione;Ore richieste",
        *(
            f"{surname};{given_name};{tax_code};Operaio;Tempo indeterminato;{{category}};40;01/06/2015;{hours}"
            for surname, given_name, tax_code, hours in WORKERS
        ),
    ]
)

AGREEMENT_STEP = {
    "agreement.kind": "not_required",
    "stamp_duty.way": "exempt",
    **{f"declarations.{key}": "1" for key in DECLARATIONS},
    **{f"consents.{key}": "1" for key in CONSENTS},
}
