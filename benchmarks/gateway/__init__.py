"""The cost of the bot as a process on a socket, compared with bare clients of the library in the same run."""
