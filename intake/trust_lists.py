"""What the installation trusts: usable at every start, and fresh every night where the administrator wants it so."""

from __future__ import annotations

import structlog

from intake.outward_proxies import outward_proxies
from intake.service import Service
from intake.settings import Settings, WrongSettings

log = structlog.get_logger("sportello.trust")


def check_trust(settings: Settings) -> None:
    """Raises ``WrongSettings`` when the folder of what is trusted cannot be used, as no return could be examined, or the proxy
    that lists come through is none."""
    outward_proxies(settings.proxy)
    if settings.trust_folder is None:
        return
    from signing.trust import TrustStore

    try:
        TrustStore.from_folder(settings.trust_folder)
    except (ValueError, OSError) as error:
        raise WrongSettings(f"SPORTELLO_TRUST: la cartella della fiducia non è utilizzabile. {error}") from error


def refresh_trust(service: Service) -> None:
    """Fetches the trusted lists where the settings ask for it, and throws away answers on revocation that are past.

    A list that is refused stays as it was, and is logged; so is a source that cannot be reached, and a folder that cannot be
    written or is damaged.
    """
    settings = service.settings
    if not settings.trust_update:
        return
    from signing.revocation_cache import prune
    from signing.trusted_list_sources import from_network, pins_of
    from signing.trusted_list_update import update_lists

    folder, at = settings.trust_target, service.clock()
    try:
        outcomes = update_lists(
            folder, from_network(proxies=outward_proxies(settings.proxy)), pins=pins_of(folder), at=at
        )
    except (ValueError, OSError) as error:
        log.warning("trusted_lists_not_kept", folder=str(folder), reason=str(error))
        return
    for each in outcomes:
        if each.refused:
            log.warning("trusted_list_refused", territory=each.territory, reason=each.refused)
    taken = sum(each.taken is not None for each in outcomes)
    log.info(
        "trusted_lists_updated", taken=taken, refused=len(outcomes) - taken, pruned=prune(settings.revocation_cache, at)
    )
