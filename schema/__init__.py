"""The contract: types, inputs, payloads, failures; each field names the resolver that fills it."""
