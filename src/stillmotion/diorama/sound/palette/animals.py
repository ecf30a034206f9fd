"""Animals."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "meow": Voice(generator="meow", caption="the cat meows", stem=Stem.FOLEY, labels=("cat", "kitten")),
    "purr": Voice(generator="purr", caption="the cat purrs", gain_db=-3.0, stem=Stem.FOLEY, labels=("cat", "kitten")),
    "cat_hiss": Voice(generator="hiss", caption="the cat hisses", stem=Stem.FOLEY, labels=("cat", "kitten")),
    "dog": Voice(generator="bark", caption="the dog barks", gain_db=2.0, stem=Stem.FOLEY, labels=("dog", "puppy")),
    "growl": Voice(generator="growl", caption="a low growl", stem=Stem.FOLEY, labels=("dog", "wolf", "bear")),
    "howl": Voice(generator="howl", caption="a long howl", stem=Stem.FOLEY, labels=("wolf", "dog", "husky")),
    "whimper": Voice(
        generator="whimper", caption="the dog whimpers", gain_db=-4.0, stem=Stem.FOLEY, labels=("dog", "puppy")
    ),
    "horse": Voice(generator="neigh", caption="the horse neighs", gain_db=2.0, stem=Stem.FOLEY, labels=("horse",)),
    "hooves": Voice(generator="hooves", caption="hoof beats", stem=Stem.FOLEY, labels=("horse",)),
    "cow": Voice(generator="moo", caption="the cow moos", gain_db=1.0, stem=Stem.FOLEY, labels=("cow", "cattle", "ox")),
    "cowbell": Voice(
        generator="cowbell", caption="a cowbell clanks", gain_db=-3.0, stem=Stem.FOLEY, labels=("cow", "cattle", "ox")
    ),
    "sheep": Voice(generator="bleat", caption="the sheep bleats", stem=Stem.FOLEY, labels=("sheep", "lamb", "goat")),
    "pig": Voice(generator="oink", caption="the pig grunts", stem=Stem.FOLEY, labels=("pig", "hog", "boar")),
    "crow": Voice(generator="caw", caption="a crow caws", stem=Stem.FOLEY, labels=("crow", "raven", "bird")),
    "gulls": Voice(generator="gulls", caption="gulls cry", gain_db=-2.0, labels=("gull", "bird")),
    "owl": Voice(generator="hoot", caption="an owl hoots", stem=Stem.FOLEY, labels=("owl", "bird")),
    "dove": Voice(
        generator="coo", caption="a dove coos", gain_db=-3.0, stem=Stem.FOLEY, labels=("dove", "pigeon", "bird")
    ),
    "rooster": Voice(generator="crowing", caption="a rooster crows", gain_db=2.0, stem=Stem.FOLEY, labels=("cock",)),
    "chicken": Voice(generator="cluck", caption="a hen clucks", gain_db=-3.0, stem=Stem.FOLEY, labels=("hen", "chick")),
    "duck": Voice(generator="quack", caption="a duck quacks", stem=Stem.FOLEY, labels=("duck", "drake", "goose")),
    "frogs": Voice(generator="frogs", caption="frogs croak", gain_db=-1.0, labels=("frog",)),
    "birds": Voice(
        generator="birds",
        caption="birds sing",
        gain_db=-2.0,
        sources=(Surface.FOLIAGE,),
        labels=("bird",),
    ),
    "woodpecker": Voice(
        generator="woodpecker", caption="a woodpecker drums", gain_db=-2.0, stem=Stem.FOLEY, labels=("woodpecker",)
    ),
    "buzz": Voice(
        generator="buzz", caption="bees buzz", gain_db=-3.0, stem=Stem.FOLEY, labels=("bee", "fly", "beetle")
    ),
    "mosquito": Voice(
        generator="buzz",
        caption="a mosquito whines",
        gain_db=-6.0,
        controls=(("wing_hz", 535.0), ("insects", 1.0), ("body", 1.05)),
        stem=Stem.FOLEY,
        labels=("mosquito",),
    ),
    "crickets": Voice(generator="crickets", caption="crickets chirp", gain_db=-2.0),
    "cicadas": Voice(generator="cicadas", caption="cicadas sing", gain_db=-2.0),
    "lion": Voice(generator="roar", caption="a lion roars", gain_db=4.0, stem=Stem.FOLEY, labels=("lion", "tiger")),
    "wings": Voice(generator="wings", caption="wings flap", gain_db=-2.0, stem=Stem.FOLEY, labels=("bird", "pigeon")),
}
