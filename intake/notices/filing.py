"""By which channel, after which earlier application and with which legal instant an application arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from intake.notices import wording
from intake.notices.draft import Data, text_at
from intake.notices.findings import rule_problem
from intake.notices.measure import Channel, ChannelKey
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile
from intake.notices.periods import Period, Span, count_weeks, covered, days_in, shared
from intake.notices.sourced import ROME


@dataclass(frozen=True, slots=True)
class EarlierFiling:
    """An application already registered for the same employer and unit. ``periods`` are empty where nobody asked for them."""

    protocol_number: str
    state: str
    last_day: date
    periods: tuple[Period, ...] = ()


def channel_of(pack: NoticeFile, key: ChannelKey) -> Channel | None:
    """The notice's channel, or None where it names none: what arrives there is registered and answered."""
    return next((channel for channel in pack.channels if channel.key == key), None)


def channel_problems(pack: NoticeFile, key: ChannelKey, data: Data) -> tuple[RuleProblem, ...]:
    """Why what arrives by this channel is not an application, or not with this way of paying stamp duty."""
    channel, field = channel_of(pack, key), "channel"
    if channel is None or not channel.application:
        law = channel.citation if channel else pack.measure.citation
        said = channel.explanation if channel else "L'avviso non prevede questo canale."
        remedy = f"Canali ammessi per le domande: {', '.join(c.title for c in pack.channels if c.application)}."
        return (rule_problem(pack, "channel.not_an_application", field, said, remedy, law=law),)
    way = text_at(data, "stamp_duty", "way")
    if not channel.stamp_ways or way in channel.stamp_ways:
        return ()
    titles = {admitted.way: admitted.title for admitted in pack.stamp_duty.ways}
    asked = ", ".join(titles[admitted].lower() for admitted in channel.stamp_ways)
    others = [c for c in pack.channels if c.application and (not c.stamp_ways or way in c.stamp_ways)]
    message = f"«{channel.title}» vale solo se l'imposta di bollo è: {asked}."
    places = "; ".join(f"{c.title}{f' a {c.address}' if c.address else ''}" for c in others)
    remedy = f"Cambi il modo di pagamento, oppure usi: {places}." if places else "Cambi il modo di pagamento."
    return (rule_problem(pack, "channel.stamp_way", "stamp_duty.way", message, remedy, law=channel.citation),)


def earlier_filing_problems(pack: NoticeFile, earlier: Sequence[EarlierFiling], on: date) -> tuple[RuleProblem, ...]:
    """Refuses a new application of the same unit while an earlier one's period has not ended (states: ``lifecycle``)."""
    rule, free = pack.filing.wait_for_earlier_period, pack.filing.again_after.value
    if not rule.value:
        return ()
    return tuple(
        rule_problem(
            pack,
            "filing.earlier_period_running",
            "periods",
            f"La domanda n. {filing.protocol_number} copre fino {wording.to(filing.last_day)}: una nuova domanda si può "
            "inviare dal giorno dopo.",
            "Attenda la fine del periodo, oppure rettifichi o ritiri la domanda precedente.",
            law=rule.citation,
        )
        for filing in earlier
        if filing.state not in free and filing.last_day >= on
    )


def repeated_period_problems(
    pack: NoticeFile, earlier: Sequence[EarlierFiling], periods: Sequence[Period], on: date
) -> tuple[RuleProblem, ...]:
    """Asks about days that an earlier application of the unit, ended by now, had asked for, and about weeks that pass the
    maximum only together with it. The notice forbids neither in so many words: other workers may need the same days.
    """
    wait, free = pack.filing.wait_for_earlier_period.value, pack.filing.again_after.value
    standing = [each for each in earlier if each.state not in free and not (wait and each.last_day >= on)]
    if not standing:
        return ()
    return (*_days_asked_before(pack, standing, covered(periods)), *_weeks_together(pack, standing, periods))


def _days_asked_before(
    pack: NoticeFile, standing: Sequence[EarlierFiling], asked: Sequence[Span]
) -> Iterator[RuleProblem]:
    for filing in standing:
        if again := shared(asked, covered(filing.periods)):
            first, last = date.fromordinal(again[0][0]), date.fromordinal(again[-1][1])
            yield rule_problem(
                pack,
                "filing.days_asked_before",
                "periods",
                f"Per questa unità la domanda n. {filing.protocol_number} ha già chiesto giorni che sono anche in questa: "
                f"{days_in(again)}, tra il {first:%d/%m/%Y} e il {last:%d/%m/%Y}.",
                "Se è un errore, corregga le date. Se servono di nuovo, per esempio per altri lavoratori, confermi: "
                "deciderà l'ufficio.",
                law=pack.weeks.maximum.citation,
            )


def _weeks_together(
    pack: NoticeFile, standing: Sequence[EarlierFiling], periods: Sequence[Period]
) -> Iterator[RuleProblem]:
    maximum = pack.weeks.maximum
    alone = count_weeks(pack, periods).calendar_weeks
    together = count_weeks(pack, [*periods, *(each for filing in standing for each in filing.periods)]).calendar_weeks
    if periods and alone <= maximum.value < together:
        numbers = ", ".join(filing.protocol_number for filing in standing)
        yield rule_problem(
            pack,
            "filing.weeks_together",
            "periods",
            f"Insieme alle domande già inviate per questa unità (n. {numbers}) le settimane sono {together}: "
            f"il massimo è {maximum.value}.",
            "Riduca i periodi. Se le settimane chieste prima non sono state usate tutte, confermi: deciderà l'ufficio.",
            law=maximum.citation,
        )


def legal_instant(pack: NoticeFile, key: ChannelKey, arrived_at: datetime, posted_on: date | None = None) -> datetime:
    """The instant that ranks an arrival: transmission, delivery receipt or arrival as given by ``arrived_at``; for a letter
    ranked by its posting, the last instant of that day. Raises ValueError when the day of posting is needed and missing.
    """
    channel = channel_of(pack, key)
    if channel is None or channel.legal_instant != "posting_day_end":
        return arrived_at
    if posted_on is None:
        raise ValueError(f"{pack.id}: a letter ranks by its day of posting")
    return datetime.combine(posted_on + timedelta(days=1), time.min, tzinfo=ROME) - timedelta(microseconds=1)


def estimated_amount(pack: NoticeFile, hours: Decimal) -> Decimal:
    """Hours times the notice's hourly rate, in euros and cents."""
    return (hours * pack.money.hourly_rate.value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def budget(pack: NoticeFile) -> Decimal:
    """The resources assigned by all the shares, in euros."""
    return sum((share.amount for share in pack.money.shares), Decimal(0))
