"""Notices (avvisi): one administration's rules as data, and the pure functions that apply them.

A notice pack is a folder of ``templates/notices``: ``notice.toml`` for the rules, Markdown for what people read. Every rule
says where it comes from (``seed`` the notice itself, ``law``, ``assumed``). A new Region is a new folder, never new code.
"""
