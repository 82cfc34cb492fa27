"""Who may call what, at which door."""

from __future__ import annotations

from flask import Flask


def test_every_screen_of_the_desk_says_who_may_call_it(desk: Flask) -> None:
    from intake.web.frame.access import declaration_of

    assert len(list(desk.url_map.iter_rules())) > 10
    assert all(declaration_of(desk, rule.endpoint) for rule in desk.url_map.iter_rules())
