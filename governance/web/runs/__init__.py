"""The screens of inventory runs: their list, one of them, and what starts one."""
