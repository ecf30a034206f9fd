"""diorama, the embedded engine: one photo and a Shot in, frames and sound out, on a CPU."""
