"""The mention detector: its data, its training, its accuracy and its speed."""
