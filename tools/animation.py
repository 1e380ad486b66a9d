"""Make the README's animated picture of the QAOA explorer, in a real JupyterLab (`make screenshots`)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from screenshots import BRIDGES, IMAGES, LIGHT, ROOT, Lab, Notebook, open_browser

CELL = f"QAOAExplorer({BRIDGES}, depth=3)"
WIDTH, COLOURS = 860, 64  # px, of the picture; more colours would only make the file larger
HEIGHT = 830  # px, of the explorer, without the circuit below
SHORT, LONG = 110, 1600  # ms, of a frame
SET = "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }"


def frames(page: Any) -> Iterator[tuple[bytes, int]]:
    """One angle is moved to and fro, then all angles are optimised: pictures, and the time of each (ms)."""
    box = page.locator(".qgraph-widget").bounding_box()
    part = {**box, "height": min(box["height"], HEIGHT)}

    def shot() -> bytes:
        return bytes(page.screenshot(clip=part))

    yield shot(), LONG
    slider = page.get_by_role("slider", name="γ1", exact=True)
    first = float(slider.input_value())
    for step in [*range(12), *range(12, -1, -1)]:
        slider.evaluate(SET, first + 0.08 * step)
        page.wait_for_timeout(150)
        yield shot(), SHORT
    page.get_by_role("button", name="Optimise the angles").click()
    for _ in range(12):
        page.wait_for_timeout(60)
        yield shot(), SHORT
    page.get_by_role("button", name="Optimise the angles").wait_for()
    page.wait_for_timeout(1000)
    yield shot(), 2 * LONG


def small(data: bytes) -> Any:
    """A screenshot in the width of the picture."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def animate(browser: Any) -> Path:
    """Write docs/images/explorer.gif."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder), **LIGHT)
        try:
            page = browser.new_page(viewport={"width": 1560, "height": 1500})
            imports = "import qgraph as qg\nfrom qgraph.widgets import QAOAExplorer"
            Notebook(page, lab, lab.notebook("explorer.ipynb", imports, CELL)).run_all()
            page.locator(".qg-bars").first.wait_for(state="attached")
            page.mouse.move(0, 0)
            page.wait_for_timeout(1500)
            shots = list(frames(page))
        finally:
            lab.stop()
    images = [small(data) for data, _ in shots]
    # With one palette for all pictures, what stands still is equal in them, and is stored once.
    palette = images[-1].quantize(COLOURS, dither=Image.Dither.NONE)
    images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    path = IMAGES / "explorer.gif"
    durations = [duration for _, duration in shots]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
    return path.relative_to(ROOT)


if __name__ == "__main__":
    with open_browser() as chromium:
        print(animate(chromium))
