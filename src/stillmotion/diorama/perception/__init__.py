"""Networks as plain functions: photo -> masks, mattes, depth, objects, faces, fills; text -> embeddings.

One network a file; they do not know each other. A photo is uint8 RGB of shape (height, width, 3), any size; what comes
back is in photo coordinates (`diorama.geometry`) or at the photo's size. Nothing here depends on chance or time.
"""
