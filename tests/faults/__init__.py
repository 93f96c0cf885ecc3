"""What goes wrong, and what happens then: every row of the fault table, over HTTP."""
