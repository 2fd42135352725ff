"""The room that turns Markdown into safe HTML, plain words, quotes and mentions."""
