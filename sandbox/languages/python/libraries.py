import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import requests

table = pd.DataFrame({"n": np.arange(4), "square": np.arange(4) ** 2})
assert table["square"].sum() == 14
table.plot(x="n", y="square")
plt.savefig("/tmp/squares.png")
with pytest.raises(requests.exceptions.MissingSchema):
    requests.get("no address")
print(np.__version__, pd.__version__, requests.__version__, pytest.__version__)
