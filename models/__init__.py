"""The shipped models: manifest.json, one .safetensors file and one card a model. Append-only."""
