"""What both doors share: access, sessions, language, errors, headers. It knows no screen."""
