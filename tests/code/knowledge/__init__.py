"""What the programs of these tests begin with."""

IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nfrom collections import OrderedDict\n"
KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
