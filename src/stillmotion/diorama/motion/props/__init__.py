"""Things that a prompt may ask for and a photo lacks, drawn by formulas and lit like the photo."""

from stillmotion.diorama.motion.props.catalogue import ALL, KNOWN, WORDS
from stillmotion.diorama.motion.props.placing import Spot, body, layer, name, of, order, place, side
from stillmotion.diorama.motion.props.records import Prop

__all__ = ["ALL", "KNOWN", "WORDS", "Prop", "Spot", "body", "layer", "name", "of", "order", "place", "side"]
