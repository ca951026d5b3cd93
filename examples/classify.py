"""From a LArCV file to particle scores, with a pretrained network of the zoo.

python examples/classify.py                 # the bundled demo sample
python examples/classify.py my_file.root
"""

import sys
from pathlib import Path

import lartpc_zoo

file = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "data" / "singles_demo_288.root"
scores = lartpc_zoo.classify(file)
print(scores.to_string(max_rows=10, index=False, float_format="{:.3f}".format))
