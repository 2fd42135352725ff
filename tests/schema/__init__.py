"""The contract: what clients see of the schema, and what it promises them."""
