"""How the docs become a site: what mkdocs is told besides the pages in docs/, and what it is given of the code."""
