"""The last step lets out what is listed and nothing else, whatever came before it."""

import pytest

from text.safety import sanitised


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ('<img src="/i.png" alt="x">', '<img alt="x">'),
        ('<img src="data:image/png;base64,AA">', "<img>"),
        ('<img src="mailto:x">', "<img>"),
        ('<img src="HTTPS://e.com/i.png" onerror="x" class="y">', '<img src="HTTPS://e.com/i.png">'),
        ('<code class="language-c++">x</code>', '<code class="language-c++">x</code>'),
        ('<code class="language-a b">x</code>', "<code>x</code>"),
        ('<td style="text-align:left;position:fixed">', ""),
        ('<p style="text-align:left" id="x" data-quote-id="Q_1">x</p>', "<p>x</p>"),
        ('<a href="ftp://e.com" target="_top">x</a>', '<a rel="nofollow noopener ugc">x</a>'),
        ("<script>x</script><style>x</style><!-- x --><iframe></iframe>", ""),
    ],
)
def test_what_is_let_out(html: str, safe: str) -> None:
    assert sanitised(html) == safe


def test_cells_keep_their_alignment_and_no_style() -> None:
    row = '<table><tbody><tr><td class="align-left">x</td></tr></tbody></table>'
    assert sanitised(row) == row
    assert "class" not in sanitised(row.replace("align-left", "toolbar"))
    assert "style" not in sanitised(row.replace('class="align-left"', 'style="text-align:left"'))
