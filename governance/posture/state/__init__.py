"""The rows of one time compiled for the engine, and what a process keeps of them."""
