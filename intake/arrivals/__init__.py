"""The protocol office's desk: what arrives on paper or by certified mail, until it is registered and has its place."""
