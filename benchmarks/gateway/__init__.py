"""What the bot costs as a process on a socket, against bare clients of the library in the same run."""
