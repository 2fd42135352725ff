"""What a person sees in a browser: the page, GraphiQL and feeds, served by us alone and fed by our own GraphQL."""
