"""Tag sentences of public-affairs text with actors, measures, threat types and institutional roles."""

__version__ = "0.1.0"
