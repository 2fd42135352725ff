"""The chart of a run: an SVG of what stacks do in a second, readable on light and on dark."""

import math
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT, _TOP, _LINE = 760, 170, 70, 64, 30
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.first { fill: #0969da }
.second { fill: #bc4c00 }
.ours { font-weight: 600; fill: #1f2328 }
.span { stroke: #8c959f; stroke-width: 2; stroke-opacity: .5 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title, .ours { fill: #f0f6fc }
  .first { fill: #4493f8 }
  .second { fill: #f0883e }
}
"""


Found = Mapping[str, Mapping[str, float]]
"""What each stack does in a second, by the two words of the legend."""


def svg(title: str, found: Found) -> str:
    """Each stack's two figures on a logarithmic axis, a dot for each, sorted by the first."""
    first, second = next(iter(found.values()))
    figures = [value for values in found.values() for value in values.values()]
    low, high = math.floor(math.log10(min(figures))), math.ceil(math.log10(max(figures)))
    stacks = sorted(found.items(), key=lambda stack: -stack[1][first])
    height = _TOP + _LINE * len(stacks) + 40

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(value) - low) / max(1, high - low)

    def parts() -> Iterator[str]:
        yield f'<text class="title" x="12" y="24">{escape(title)} (logarithmic axis)</text>'
        for at, (name, words) in enumerate((("first", first), ("second", second))):
            left = _LEFT + 150 * at
            yield f'<circle class="{name}" cx="{left}" cy="43" r="5"/>'
            yield f'<text x="{left + 11}" y="47">{escape(words)}</text>'
        bottom = _TOP + _LINE * len(stacks)
        for power in range(low, high + 1):
            at_power = x(10.0**power)
            yield f'<line class="grid" x1="{at_power:.1f}" x2="{at_power:.1f}" y1="{_TOP}" y2="{bottom}"/>'
            yield f'<text x="{at_power:.1f}" y="{bottom + 20}" text-anchor="middle">{10**power:,}</text>'
        for index, (stack, values) in enumerate(stacks):
            y = _TOP + _LINE * index + _LINE // 2
            ours = ' class="ours"' if stack.startswith("parley") else ""
            yield f'<text{ours} x="{_LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(stack)}</text>'
            ends = sorted(x(value) for value in values.values())
            yield f'<line class="span" x1="{ends[0]:.1f}" x2="{ends[-1]:.1f}" y1="{y}" y2="{y}"/>'
            for words, value in values.items():
                name = "first" if words == first else "second"
                yield f'<circle class="{name}" cx="{x(value):.1f}" cy="{y}" r="5"/>'
            yield f'<text x="{ends[-1] + 10:.1f}" y="{y + 4}">{max(values.values()):,.0f}</text>'

    body = "\n".join(parts())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return f'{head} role="img" aria-label="{escape(title)} by stack">\n<style>{_STYLE}</style>\n{body}\n</svg>\n'
