"""Rigid bodies: outlines out of mattes, a world in metres, and what happened in it, by time."""

from stillmotion.diorama.motion.rigid.records import Body, Contact, Obstacle, Outcome, Path, World
from stillmotion.diorama.motion.rigid.simulation import simulate

__all__ = ["Body", "Contact", "Obstacle", "Outcome", "Path", "World", "simulate"]
