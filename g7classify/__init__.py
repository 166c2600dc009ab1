"""Tag sentences of public-affairs text with actors, measures, threat types and institutional roles."""
