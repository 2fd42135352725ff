"""The attack run: costly requests of strangers, beside a reader and a writer who must not notice."""
