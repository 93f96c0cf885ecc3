"""The command line and the embedded mode, as a user meets them."""
