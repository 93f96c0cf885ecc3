"""The API in this process, with the scheduler that keeps its data fresh."""
