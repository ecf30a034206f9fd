"""Where networks live: one session for each weight file, made when first asked for and kept.

A session runs on two threads and does not spin while it waits: on two cores that costs no wall time, saves a tenth of
the processor time, and leaves room for whoever shares the machine.

What to run beside what, measured on two idle cores in units of the region encoder's own time (about 1.25 s):

    encoder 1, 36 points 0.7, person matte 0.2, saliency 0.1, all else 0.1 (objects, classes, depth, faces); a fill 0.3
    all of them once, one after the other   2.0
    regions in one thread, the rest in a second one   2.0 idle, 1.7 where other programs compete for the cores

Networks already use both cores, so running two at once gains nothing by itself. What does gain is work outside them
that uses one core (mattes, labels, features): give that a thread of its own beside `regions.embed`. Prompts cost the
same each, in any batch; fewer prompts are the only way to spend less on them. The first call of a network also pays
for reading its file: call `warm_up` while something else waits. Kept working memory would add up to 2.2 GB; the large
networks return theirs (`once`, a tenth slower), which leaves a peak of 1.2 GB and 0.8 GB at rest.
"""

from __future__ import annotations

import threading
import zipfile
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from stillmotion import assets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

THREADS = 2
"""Threads of one session."""
_LIMIT = 16
"""More than the networks that exist: the cache is bounded, and in practice nothing is ever evicted."""
_QUIET = 4
"""Only fatal messages: weight files carry hundreds of harmless warnings."""

Array = NDArray[np.generic]
Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

_making = threading.RLock()


class OnnxNetwork:
    """A loaded .onnx or .ort file; safe to call from several threads."""

    def __init__(self, name: str, shown: str = "") -> None:
        """Load it; `shown` names an inner value, a float tensor, that becomes one more output."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = _QUIET
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Planned buffers save no time here and take 0.6 GB more for the largest network.
        options.enable_mem_pattern = False
        file = assets.path(name)
        source: str | bytes = file.read_bytes() + _output(shown) if shown else str(file)
        self._session = ort.InferenceSession(source, sess_options=options, providers=["CPUExecutionProvider"])

    def __call__(self, inputs: Mapping[str, Array], outputs: Iterable[str] | None = None) -> list[Array]:
        """Run once.

        Args:
            inputs: arrays by input name.
            outputs: names wanted, in order; all of them when None.
        """
        return self._run(inputs, outputs, ort.RunOptions())

    def once(self, inputs: Mapping[str, Array], outputs: Iterable[str] | None = None) -> list[Array]:
        """Run like a call and give the working memory back: for large networks that see a photo once."""
        options = ort.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        return self._run(inputs, outputs, options)

    def _run(self, inputs: Mapping[str, Array], outputs: Iterable[str] | None, options: ort.RunOptions) -> list[Array]:
        wanted = None if outputs is None else list(outputs)
        return [np.asarray(value) for value in self._session.run(wanted, dict(inputs), options)]


def _output(name: str) -> bytes:
    """Bytes that, behind a .onnx file, add an output to its graph.

    A message that stands twice in a protocol buffer is merged, and repeated fields of both are joined
    (https://protobuf.dev/programming-guides/encoding/#last-one-wins): so a second graph that holds nothing but one
    output is enough. Numbers of fields after onnx.proto: ModelProto.graph 7, GraphProto.output 12, ValueInfoProto.name
    1 and .type 2, TypeProto.tensor_type 1, Tensor.elem_type 1 (1 is float).
    """
    text = name.encode()
    value = b"\x0a" + bytes([len(text)]) + text + b"\x12\x04\x0a\x02\x08\x01"
    graph = b"\x62" + bytes([len(value)]) + value
    return b"\x3a" + bytes([len(graph)]) + graph


class LiteNetwork:
    """A loaded .tflite network with one input; calls from several threads wait for each other."""

    def __init__(self, name: str, member: str) -> None:
        with zipfile.ZipFile(assets.path(name)) as bundle:
            content = bundle.read(member)
        # The default delegate is faster by milliseconds and writes to the standard error stream of the whole process.
        plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        self._interpreter = Interpreter(model_content=content, num_threads=THREADS, experimental_op_resolver_type=plain)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [one["index"] for one in self._interpreter.get_output_details()]
        self._lock = threading.Lock()

    def __call__(self, value: Floats) -> list[Floats]:
        """Run once and return all outputs in the file's order."""
        with self._lock:
            self._interpreter.set_tensor(self._input, value)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index).copy() for index in self._outputs]


@lru_cache(maxsize=_LIMIT)
def _onnx(name: str, shown: str = "") -> OnnxNetwork:
    return OnnxNetwork(name, shown)


@lru_cache(maxsize=_LIMIT)
def _lite(name: str, member: str) -> LiteNetwork:
    return LiteNetwork(name, member)


def onnx(name: str) -> OnnxNetwork:
    """The network of that asset, loaded now if this is the first call."""
    with _making:
        return _onnx(name)


def onnx_showing(name: str, shown: str) -> OnnxNetwork:
    """The network of that .onnx asset with an inner value as one more output; both names are shorter than 100."""
    with _making:
        return _onnx(name, shown)


def lite(name: str, member: str) -> LiteNetwork:
    """The .tflite member of that zipped asset, loaded now if this is the first call."""
    with _making:
        return _lite(name, member)


def warm_up(names: Iterable[str]) -> Future[None]:
    """Load networks in the background, in the given order.

    Args:
        names: assets of .onnx or .ort networks.

    Returns:
        Done when all are loaded; its exception says why one was not. Nobody has to wait for it.
    """
    done: Future[None] = Future()
    threading.Thread(target=_load_all, args=(tuple(names), done), daemon=True, name="warm-up").start()
    return done


def _load_all(names: tuple[str, ...], done: Future[None]) -> None:
    try:
        for name in names:
            onnx(name)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits; the first real use raises it again
        done.set_exception(error)
    else:
        done.set_result(None)
