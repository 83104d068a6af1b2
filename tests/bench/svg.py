"""Growth curves as a small SVG: one chart per measurement, side by side."""

import html
import math

WIDTH, HEIGHT, MARGIN, COLUMNS = 340, 220, 46, 3


def position(value, low, high, logarithmic):
    """Where a value stands between two others, 0 to 1."""
    if logarithmic:
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return (value - low) / (high - low) if high > low else 0.5


def chart(name, unit, points, logarithmic):
    xs, ys = [x for x, _ in points], [y for _, y in points]
    top = max(ys) * 1.15 or 1
    spots = [(MARGIN + position(x, min(xs), max(xs), logarithmic) * (WIDTH - 2 * MARGIN),
              HEIGHT - MARGIN - position(y, 0, top, False) * (HEIGHT - 2 * MARGIN)) for x, y in points]
    lines = [f'<text x="{MARGIN}" y="18" font-weight="bold">{html.escape(name)}</text>',
             f'<text x="{MARGIN}" y="33">{html.escape(unit)}</text>',
             f'<path d="M{MARGIN} {MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" stroke="#888" fill="none"/>',
             f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}" fill="none" stroke="#1b6" '
             'stroke-width="2"/>']
    for (x, y), (wanted, value) in zip(spots, points):
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1b6"/>'
                     f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:.3g}</text>'
                     f'<text x="{x:.1f}" y="{HEIGHT - MARGIN + 16}" text-anchor="middle">{wanted:,}</text>')
    return "\n".join(lines)


def draw(file, charts):
    """charts: (name, unit, [(x, y), ...]); the x axis is logarithmic."""
    rows = (len(charts) + COLUMNS - 1) // COLUMNS
    with open(file, "w", encoding="utf-8") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * COLUMNS}" height="{HEIGHT * rows}" '
                  'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>\n')
        for number, (name, unit, points) in enumerate(charts):
            x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
            out.write(f'<g transform="translate({x},{y})">\n{chart(name, unit, points, True)}\n</g>\n')
        out.write("</svg>\n")
