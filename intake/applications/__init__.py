"""An application from the first keystroke to its submission."""
