"""The register at work in the service: what goes out, each day's register, the days of emergency, what leaves the house."""
