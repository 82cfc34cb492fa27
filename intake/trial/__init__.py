"""``bin/up --check``: the main job tried over HTTP on a throw-away installation, by a visitor that only reads pages."""
