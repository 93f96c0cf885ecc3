"""``python -m volatility.settings COMMAND …``: a command with the values of ``.env`` in its environment."""

import sys

from volatility.settings.env_file import main

sys.exit(main(sys.argv[1:]))
