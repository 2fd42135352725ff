"""What fills a field: batch functions, parents in, values out."""
