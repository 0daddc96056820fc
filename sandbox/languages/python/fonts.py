"""Makes matplotlib's list of fonts while the image is built, and has it found there.

Matplotlib keeps the list in a folder of the user's, and a sandbox's is empty at every start: the first plot would look through all fonts again,
for a second.
"""

import matplotlib

matplotlib.use("Agg")
from matplotlib import font_manager
from pathlib import Path

made = Path(matplotlib.get_cachedir(), f"fontlist-v{font_manager.FontManager.__version__}.json")
kept = Path(matplotlib.get_data_path(), made.name)
kept.write_bytes(made.read_bytes())

source = Path(font_manager.__file__)
text = source.read_text()
place = 'Path(\n        mpl.get_cachedir(), f"fontlist-v{FontManager.__version__}.json")'
if text.count(place) != 1:
    raise SystemExit(f"{source} no longer says where the list of fonts is in the words this knows:\n{place}")
source.write_text(text.replace(place, 'cbook._get_data_path(f"fontlist-v{FontManager.__version__}.json")'))
