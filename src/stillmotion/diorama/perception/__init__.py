"""Networks as plain functions: photo -> masks, mattes, depth, objects, faces, fills; text -> embeddings.

One network a file; they do not know each other. A photo is uint8 RGB of shape (height, width, 3), any size; what comes
back is in photo coordinates (`diorama.geometry`) or at the photo's size. Nothing here depends on chance or time.
"""

import os

# Official builds of onnxruntime report their use to their maker and keep an identifier in the user's cache folder. What
# a person films is nobody's business. The switch counts only if it is set before the library is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
