"""How the docs become a site: the configuration of mkdocs besides the pages in docs/, and the code that pages show."""
