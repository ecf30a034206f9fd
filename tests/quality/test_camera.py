"""Every named move that optical flow can see is the move that the film shows."""
